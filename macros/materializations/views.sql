{#- A view is made by one statement in one transaction; and by none, where it stands with the same text over the
    same columns. dbt's own way makes another one, renames it and drops the old one, with a commit each: most
    of what a small batch takes. The view's comment says what it was made of. -#}
{% materialization view, adapter='duckdb' -%}
    {%- set existing, target_relation = load_cached_relation(this), this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks) }}

    {%- set upstream = [] -%}
    {%- for node in graph.nodes.values() if node.unique_id in model.depends_on.nodes -%}
        {%- do upstream.append(node.alias or node.name) -%}
    {%- endfor -%}
    {%- set query -%}
        select
            concat('{{ local_md5(sql ~ tojson(model.columns)) }} over ', (
                select md5(string_agg(
                    concat_ws(' ', table_name, column_name, data_type), '|'
                    order by table_name, column_index
                ))
                from duckdb_columns()
                where
                    schema_name = '{{ this.schema }}'
                    and table_name in ('{{ upstream | join("', '") }}')
            )) as made_of,
            (
                select comment
                from duckdb_views()
                where schema_name = '{{ this.schema }}' and view_name = '{{ this.identifier }}'
            ) as formerly_made_of
    {%- endset -%}
    {%- set found = run_query(query).rows[0] -%}

    {%- if existing is not none and existing.is_view and found[0] == found[1] -%}
        {%- call statement('main', auto_begin=False) -%}
            select 'as it was'
        {%- endcall -%}
    {%- else -%}
        {%- if existing is not none and not existing.is_view -%}
            {%- do adapter.drop_relation(existing) -%}
        {%- endif -%}
        {%- if config.get('contract').enforced -%}
            {%- do get_assert_columns_equivalent(sql) -%}
        {%- endif -%}
        {%- call statement('main') -%}
            create or replace view {{ target_relation }} as (
                {{ sql }}
            );
            comment on view {{ target_relation }} is '{{ found[0] }}'
        {%- endcall -%}
        {%- do persist_docs(target_relation, model) -%}
    {%- endif -%}

    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}

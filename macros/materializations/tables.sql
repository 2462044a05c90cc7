{#- A table is made by one statement in one transaction, in place of the one before it, which readers see until then.
    dbt's own way makes another one, renames both and drops the old one, with a commit each: half of what a small
    table takes. A Python model is written over another connection, so it still is another table, renamed. -#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] -%}
    {%- set existing, target_relation = load_cached_relation(this), this.incorporate(type='table') -%}
    {%- set is_sql, is_contracted = model['language'] == 'sql', config.get('contract').enforced -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks) }}

    {%- if is_sql -%}
        {%- if is_contracted -%}
            {%- do get_assert_columns_equivalent(sql) -%}
        {%- endif -%}
        {%- if existing is not none and not existing.is_table -%}
            {%- do adapter.drop_relation(existing) -%}
        {%- endif -%}
        {%- call statement('main') -%}
            create or replace table {{ target_relation }}
            {% if is_contracted -%}
                {{ get_table_columns_and_constraints() }};
                insert into {{ target_relation }} {{ get_column_names() }}
                ({{ get_select_subquery(sql) }})
            {%- else -%}
                as ({{ sql }})
            {%- endif %}
        {%- endcall -%}
    {%- else -%}
        {%- set written = make_intermediate_relation(target_relation) -%}
        {%- do drop_relation_if_exists(load_cached_relation(written)) -%}
        {%- call statement('main', language='python') -%}
            {{ create_table_as(False, written, compiled_code, 'python') }}
        {%- endcall -%}
        {%- do drop_relation_if_exists(existing) -%}
        {%- do adapter.rename_relation(written, target_relation) -%}
    {%- endif -%}
    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}

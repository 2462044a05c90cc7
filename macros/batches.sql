{#- What an incremental model has done stands in one table, written in the transaction that did it. dbt makes
    it before a run: see on-run-start in dbt_project.yml. -#}
{% macro batches_done() -%}
    {{ target.schema }}.batches_done
{%- endmacro %}

{#- The files that a model builds on: those of a landed folder, or those that the model before it has done. -#}
{% macro batches_of(upstream) -%}
    {%- set folders = {
        'usage_events': ['usage_events'], 'focus': ['focus', 'cost_pools'], 'policy': ['policy_decisions', 'actions'],
        'documents': ['locks', 'issued'],
    } -%}
    {%- if upstream in folders -%}
        select landed_file, digest, landed_at
        from {{ ref('stg_landing__files') }}
        where source_folder in ('{{ folders[upstream] | join("', '") }}')
    {%- elif upstream == 'metered' -%}
        {{ batches_of('int_metering__hours_added') }}
        union all {# whatever lands says that time has passed, so that windows close #}
        {{ batches_of('focus') }}
        union all
        {{ batches_of('policy') }}
        union all
        {{ batches_of('documents') }}
    {%- else -%}
        select landed_file, digest, landed_at
        from {{ batches_done() }}
        where model_name = '{{ upstream }}' and landed_at is not null
    {%- endif -%}
{%- endmacro %}

{#- A model does everything again from the oldest landing stamp whose files differ from those it has
    done, so it makes no difference in which order files came or where the last build was killed. -#}
{% macro first_pending_at(upstream, fingerprint=none, model_name=none) -%}
    {%- set name, wanted = model_name or this.identifier, batches_of(upstream) -%}
    {%- set exists = adapter.get_relation(target.database, target.schema, name) if execute else none -%}
    {%- if exists is none or flags.FULL_REFRESH or (model_name is none and not is_incremental()) -%}
        timestamp '-infinity'
    {%- else -%}
        {%- set query -%}
            with wanted as ({{ wanted }}),
            done as ({{ batches_of(name) }}),
            differing as (
                (select * from wanted except select * from done)
                union all
                (select * from done except select * from wanted)
            )
            select
                case
                    when {{ 'false' if fingerprint is none else 'true' }} and not exists (
                        select 1 from {{ batches_done() }}
                        where
                            model_name = '{{ name }}' and landed_at is null
                            and digest = {{ fingerprint or "''" }}
                    ) then '-infinity'
                    else coalesce(cast(min(landed_at) as varchar), 'infinity')
                end
            from differing
        {%- endset -%}
        timestamp '{{ run_query(query).columns[0].values()[0] }}'
    {%- endif -%}
{%- endmacro %}

{% macro forget_pending(upstream, fingerprint=none, column='landed_at') -%}
    {%- set pending_at = first_pending_at(upstream, fingerprint) -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ column }} >= {{ pending_at }}
    {%- endif -%}
{%- endmacro %}

{#- The row without a landing stamp holds the fingerprint of what else the model depends on; none keeps it. -#}
{% macro record_batches(upstream, fingerprint="''") -%}
    delete from {{ batches_done() }}
    where model_name = '{{ this.identifier }}' {{ 'and landed_at is not null' if fingerprint is none }};
    insert into {{ batches_done() }} (model_name, landed_file, digest, landed_at)
    select '{{ this.identifier }}', landed_file, digest, landed_at
    from ({{ batches_of(upstream) }})
    {%- if fingerprint is not none %}
    union all
    select '{{ this.identifier }}', '', {{ fingerprint }}, null
    {%- endif %}
{%- endmacro %}

{#- The part of the catalogue by which a landed line is judged and enriched. -#}
{% macro usage_fingerprint() -%}
    (
        select md5(string_agg(entry, '|' order by entry))
        from (
            select concat_ws('=', 'tenant', tenant_id) as entry from {{ ref('dim_tenants') }}
            union all
            select concat_ws('=', 'category', category, default_pack_id) from {{ ref('dim_event_categories') }}
            union all
            select concat_ws('=', 'feature', feature_id, pack_id, capability_id) from {{ ref('dim_features') }}
        )
    )
{%- endmacro %}


{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_pending('fct_usage_corrections', meters_fingerprint()) }}",
    post_hook="{{ record_batches('fct_usage_corrections', meters_fingerprint()) }}",
) }}
{%- set first_pending_at = first_pending_at('fct_usage_corrections', meters_fingerprint()) -%}
with changes as (
    select * from {{ ref('int_metering__changes_metered') }}
),

selected as (
    select distinct class_key
    from {{ ref('int_metering__selectors_matched') }}
    where aggregation in ('count_distinct', 'count_distinct_prorated')
),

-- Who did what on which day: the distinct counts of every meter come from here.
final as (
    select
        tenant_id,
        class_key,
        actor_id,
        date_trunc('day', metered_at) as day_start_at,
        cast(sum(weight) as bigint) as event_count,
        cast(sum(source_weight) as bigint) as source_event_count,
        cast(sum(correction_count) as bigint) as correction_count,
        cast(sum(event_digest) as hugeint) as event_digest,
        landed_at
    from changes
    where
        landed_at >= {{ first_pending_at }}
        and actor_id is not null
        and class_key in (select selected.class_key from selected)
    group by all
)

select * from final

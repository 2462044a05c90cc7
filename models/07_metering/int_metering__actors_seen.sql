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
    select distinct class_key, distinct_key
    from {{ ref('int_metering__selectors_matched') }}
    where aggregation in ('count_distinct', 'count_distinct_prorated')
),

named as (
    select
        changes.*,
        selected.distinct_key,
        {{ distinct_value('selected.distinct_key', 'changes.actor_id', 'changes.details') }}
            as distinct_value
    from changes
    inner join selected
        on changes.class_key = selected.class_key
    where changes.landed_at >= {{ first_pending_at }}
),

-- Who did what on which day, or whatever else a meter tells apart: the distinct counts of every
-- meter come from here.
final as (
    select
        tenant_id,
        class_key,
        distinct_key,
        distinct_value as actor_id,
        date_trunc('day', metered_at) as day_start_at,
        cast(sum(weight) as bigint) as event_count,
        cast(sum(source_weight) as bigint) as source_event_count,
        cast(sum(correction_count) as bigint) as correction_count,
        cast(sum(event_digest) as hugeint) as event_digest,
        landed_at
    from named
    where distinct_value is not null
    group by all
)

select * from final

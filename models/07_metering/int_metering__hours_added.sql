{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_pending('fct_usage_corrections', detail_fingerprint()) }}",
    post_hook="{{ record_batches('fct_usage_corrections', detail_fingerprint()) }}",
) }}
{%- set first_pending_at = first_pending_at('fct_usage_corrections', detail_fingerprint()) -%}
with changes as (
    select * from {{ ref('int_metering__changes_metered') }}
),

-- The one pass over the events: what any meter may select by, and all that is added up.
final as (
    select
        tenant_id,
        class_key,
        date_trunc('hour', metered_at) as hour_start_at,
        cast(sum(quantity) as decimal(38, 9)) as quantity,
        cast(sum(weight) as bigint) as event_count,
        cast(sum(byte_count) as hugeint) as byte_count,
        cast(sum(source_weight) as bigint) as source_event_count,
        cast(sum(correction_count) as bigint) as correction_count,
        cast(sum(event_digest) as hugeint) as event_digest,
        landed_at
    from changes
    where landed_at >= {{ first_pending_at }}
    group by all
)

select * from final

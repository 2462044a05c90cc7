{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_pending('metered', column='known_from_at') }}",
    post_hook="{{ record_batches('metered') }}",
) }}
with versions as (
    select * from {{ ref('fct_pending_versions') }}
),

-- Nearly every window is read once, by the batch that closes it.
final as (
    select
        {{ reading_id('1') }} as reading_id,
        tenant_id,
        meter_id,
        dimensions_key,
        cast(1 as integer) as sequence,
        'window_ended' as reason,
        {{ metered_quantity('metered_nanos') }} as quantity,
        cast(0 as decimal(38, 9)) as previous_quantity,
        cast(metered_nanos as hugeint) as metered_nanos,
        cast(event_count as bigint) as event_count,
        cast(event_digest as hugeint) as event_digest,
        window_start_at,
        window_end_at,
        known_from_at
    from versions
    where
        is_first
        and known_from_at >= {{ first_pending_at('metered') }}
        and (event_count <> 0 or event_digest <> 0 or metered_nanos <> 0)
)

select * from final

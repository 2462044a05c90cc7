{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_pending('metered', column='known_from_at') }}",
    post_hook="{{ record_batches(
        'metered', none if var('keep_definitions', false) else meters_fingerprint()
    ) if not var('backfill', none) }}",
) }}
with numbered as (
    select * from {{ ref('int_metering__readings_numbered') }}
),

-- What came after a window was read: late events, corrections, other definitions.
final as (
    select
        {{ reading_id('sequence') }} as reading_id,
        tenant_id,
        meter_id,
        dimensions_key,
        cast(sequence as integer) as sequence,
        case when sequence = 1 then 'window_ended' else reason end as reason,
        {{ metered_quantity('metered_nanos') }} as quantity,
        {{ metered_quantity('previous_nanos') }} as previous_quantity,
        cast(metered_nanos as hugeint) as metered_nanos,
        cast(event_count as bigint) as event_count,
        cast(event_digest as hugeint) as event_digest,
        window_start_at,
        window_end_at,
        known_from_at
    from numbered
)

select * from final

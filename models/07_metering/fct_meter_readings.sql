with readings as (
    select * from {{ ref('int_metering__readings_first') }}
    union all
    select * from {{ ref('int_metering__readings_later') }}
),

selectors as (
    select distinct
        meter_id,
        dimensions_key,
        dimensions,
        pack_id,
        environment,
        business_unit_id,
        group_value
    from {{ ref('int_metering__selectors_matched') }}
),

-- Most windows are read once: only a sequence after the first makes another one former.
former as (
    select
        tenant_id,
        meter_id,
        dimensions_key,
        window_start_at,
        window_end_at,
        sequence - 1 as sequence
    from {{ ref('int_metering__readings_later') }}
    where sequence > 1
),

final as (
    select
        readings.reading_id,
        readings.tenant_id,
        readings.meter_id,
        readings.dimensions_key,
        selectors.dimensions,
        selectors.pack_id,
        selectors.environment,
        selectors.business_unit_id,
        selectors.group_value,
        readings.sequence,
        former.sequence is null as is_current,
        readings.reason,
        readings.quantity,
        cast(readings.quantity - readings.previous_quantity as decimal(38, 9)) as delta_quantity,
        readings.event_count,
        lpad(to_hex(readings.event_digest), 24, '0') as events_digest,
        readings.window_start_at as period_start_at,
        readings.window_end_at as period_end_at,
        readings.known_from_at
    from readings
    left join selectors
        on
            readings.meter_id = selectors.meter_id
            and readings.dimensions_key = selectors.dimensions_key
    left join former
        on
            readings.tenant_id = former.tenant_id
            and readings.meter_id = former.meter_id
            and readings.dimensions_key = former.dimensions_key
            and readings.window_start_at = former.window_start_at
            and readings.window_end_at = former.window_end_at
            and readings.sequence = former.sequence
)

select * from final

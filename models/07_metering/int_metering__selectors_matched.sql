with hours_totalled as (
    select * from {{ ref('int_metering__hours_totalled') }}
),

meters as (
    select * from {{ ref('dim_meters') }}
),

classes as (
    select distinct
        category,
        event_type,
        pack_id,
        environment,
        actor_type
    from hours_totalled
),

-- A selector field that is empty selects everything; several values are parted by a bar.
final as (
    select
        classes.category,
        classes.event_type,
        classes.pack_id,
        classes.environment,
        classes.actor_type,
        meters.meter_id,
        meters.value_field,
        meters.aggregation,
        meters.reading_window,
        meters.effective_from_at,
        meters.effective_to_at
    from classes
    inner join meters
        on
            (meters.category is null or {{ is_listed('classes.category', 'meters.category') }})
            and (
                meters.event_type is null
                or {{ is_listed('classes.event_type', 'meters.event_type') }}
            )
            and (meters.pack_id is null or {{ is_listed('classes.pack_id', 'meters.pack_id') }})
            and (
                meters.environment is null
                or {{ is_listed('classes.environment', 'meters.environment') }}
            )
            and (
                meters.actor_type is null
                or {{ is_listed('classes.actor_type', 'meters.actor_type') }}
            )
)

select * from final

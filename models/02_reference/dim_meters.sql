with meters as (
    select * from {{ ref('stg_catalogue__meters') }}
),

final as (
    select
        meter_id,
        meter_name,
        category,
        event_type,
        pack_id,
        environment,
        actor_type,
        value_field,
        aggregation,
        base_window,
        reading_window,
        unit,
        is_billable,
        effective_from_at,
        effective_to_at,
        recorded_at
    from meters
)

select * from final

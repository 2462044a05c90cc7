with source as (
    select * from {{ ref('meters') }}
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
        cast(is_billable as boolean) as is_billable,
        {{ parse_instant('effective_from_at') }} as effective_from_at,
        {{ parse_instant('effective_to_at') }} as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at
    from source
)

select * from final

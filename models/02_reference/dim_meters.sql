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
        metadata_filter,
        group_by,
        value_field,
        aggregation,
        percentile,
        distinct_key,
        base_window,
        reading_window,
        unit,
        unit_multiplier,
        unit_divisor,
        rounding_function,
        rounding_precision,
        is_billable,
        keeps_values,
        effective_from_at,
        effective_to_at,
        recorded_at
    from meters
)

select * from final

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
        metadata_filter,
        group_by,
        value_field,
        aggregation,
        {{ parse_exact_decimal('percentile', 9, 6) }} as percentile,
        distinct_key,
        base_window,
        reading_window,
        unit,
        coalesce({{ parse_exact_decimal('unit_multiplier', 18, 0) }}, 1) as unit_multiplier,
        coalesce({{ parse_exact_decimal('unit_divisor', 18, 0) }}, 1) as unit_divisor,
        rounding_function,
        coalesce(cast(rounding_precision as integer), 0) as rounding_precision,
        cast(is_billable as boolean) as is_billable,
        coalesce(cast(keeps_values as boolean), false) as keeps_values,
        {{ parse_instant('effective_from_at') }} as effective_from_at,
        {{ parse_instant('effective_to_at') }} as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at
    from source
)

select * from final

with plan_lines as (
    select * from {{ ref('stg_catalogue__plan_lines') }}
),

-- The part of the id after the version names the line; it stays when a version follows another.
final as (
    select
        plan_line_id,
        plan_version_id,
        case
            when starts_with(plan_line_id, concat(plan_version_id, ':'))
                then substring(plan_line_id, length(plan_version_id) + 2)
            else plan_line_id
        end as line_code,
        line_kind,
        pack_id,
        meter_id,
        charge_model,
        environments,
        package_rounding,
        flat_at_zero,
        volume_edge,
        tiers_per,
        split_rating,
        amount_key,
        rounding_function,
        description,
        coalesce(free_quantity, 0) as free_quantity,
        package_size,
        unit_multiplier,
        unit_divisor,
        rounding_precision,
        pooled_over
    from plan_lines
)

select * from final

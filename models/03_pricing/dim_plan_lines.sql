with plan_lines as (
    select * from {{ ref('stg_catalogue__plan_lines') }}
),

plan_versions as (
    select * from {{ ref('dim_plan_versions') }}
),

-- The part of the id after the version names the line; it stays when a version follows another.
final as (
    select
        plan_lines.plan_line_id,
        plan_lines.plan_version_id,
        case
            when starts_with(plan_lines.plan_line_id, concat(plan_lines.plan_version_id, ':'))
                then substring(plan_lines.plan_line_id, length(plan_lines.plan_version_id) + 2)
            else plan_lines.plan_line_id
        end as line_code,
        plan_lines.line_kind,
        plan_versions.billing_interval as priced_interval,
        plan_lines.pack_id,
        plan_lines.meter_id,
        plan_lines.charge_model,
        plan_lines.environments,
        plan_lines.package_rounding,
        plan_lines.flat_at_zero,
        plan_lines.volume_edge,
        plan_lines.tiers_per,
        plan_lines.split_rating,
        plan_lines.amount_key,
        plan_lines.rounding_function,
        plan_lines.description,
        coalesce(plan_lines.free_quantity, 0) as free_quantity,
        plan_lines.package_size,
        plan_lines.unit_multiplier,
        plan_lines.unit_divisor,
        plan_lines.rounding_precision,
        plan_lines.pooled_over,
        plan_lines.tax_category
    from plan_lines
    inner join plan_versions
        on plan_lines.plan_version_id = plan_versions.plan_version_id
)

select * from final

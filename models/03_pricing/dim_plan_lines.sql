with plan_lines as (
    select * from {{ ref('stg_catalogue__plan_lines') }}
),

plan_versions as (
    select * from {{ ref('dim_plan_versions') }}
),

final as (
    select
        plan_lines.plan_line_id,
        plan_lines.plan_version_id,
        plan_lines.line_kind,
        plan_lines.pack_id,
        plan_lines.meter_id,
        plan_lines.charge_model,
        plan_lines.environments,
        plan_lines.description,
        coalesce(plan_lines.free_quantity, 0) as free_quantity,
        plan_lines.package_size
    from plan_lines
    inner join plan_versions
        on plan_lines.plan_version_id = plan_versions.plan_version_id
)

select * from final

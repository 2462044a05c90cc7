with plan_lines as (
    select * from {{ ref('stg_catalogue__plan_lines') }}
),

final as (
    select
        plan_line_id,
        plan_version_id,
        line_kind,
        pack_id,
        meter_id,
        charge_model,
        environments,
        description,
        coalesce(free_quantity, 0) as free_quantity,
        package_size,
        pooled_over
    from plan_lines
)

select * from final

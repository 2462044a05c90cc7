with source as (
    select * from {{ ref('plan_lines') }}
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
        cast(free_quantity as decimal(22, 9)) as free_quantity,
        cast(package_size as decimal(22, 9)) as package_size,
        description,
        coalesce(pooled_over, 'contract') as pooled_over
    from source
)

select * from final

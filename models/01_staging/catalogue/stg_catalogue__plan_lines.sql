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
        coalesce(package_rounding, 'up') as package_rounding,
        coalesce(flat_at_zero, 'charged') as flat_at_zero,
        coalesce(volume_edge, 'accept') as volume_edge,
        coalesce(tiers_per, 'line') as tiers_per,
        coalesce(split_rating, 'cumulative') as split_rating,
        amount_key,
        coalesce(cast(unit_multiplier as bigint), 1) as unit_multiplier,
        coalesce(cast(unit_divisor as bigint), 1) as unit_divisor,
        rounding_function,
        coalesce(cast(rounding_precision as integer), 0) as rounding_precision,
        description,
        coalesce(pooled_over, 'contract') as pooled_over,
        coalesce(tax_category, 'standard') as tax_category
    from source
)

select * from final

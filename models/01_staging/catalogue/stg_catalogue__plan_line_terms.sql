with source as (
    select * from {{ ref('plan_line_terms') }}
),

final as (
    select
        plan_line_id,
        currency_code,
        cast(minimum_amount as decimal(16, 9)) as minimum_amount,
        cast(maximum_amount as decimal(16, 9)) as maximum_amount,
        cast(fixed_amount_per_event as decimal(16, 9)) as fixed_amount_per_event,
        cast(free_event_count as bigint) as free_event_count,
        cast(free_event_amount as decimal(22, 9)) as free_event_amount,
        cast(minimum_amount_per_event as decimal(16, 9)) as minimum_amount_per_event,
        cast(maximum_amount_per_event as decimal(16, 9)) as maximum_amount_per_event,
        cast(commitment_amount as decimal(16, 9)) as commitment_amount,
        cast(commitment_quantity as decimal(22, 9)) as commitment_quantity,
        commitment_window,
        cast(overage_factor as decimal(9, 6)) as overage_factor,
        cast(is_trued_up as boolean) as is_trued_up,
        cast(fair_use_quantity as decimal(22, 9)) as fair_use_quantity,
        fair_use_policy,
        cast(fair_use_unit_price as decimal(16, 9)) as fair_use_unit_price
    from source
)

select * from final

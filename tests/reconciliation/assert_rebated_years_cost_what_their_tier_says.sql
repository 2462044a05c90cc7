-- Rebates to rating: what the months of a rebate's year were rated at and all deltas booked since
-- are their quantity at the price of the tier that was reached.
with booked as (
    select
        rebate_id,
        contract_id,
        line_code,
        sum(delta_amount) as delta_amount,
        max_by(unit_price, booked_month) as unit_price,
        max(booked_month) as last_booked_month
    from {{ ref('fct_volume_rebates') }}
    group by rebate_id, contract_id, line_code
),

rated as (
    select
        booked.rebate_id,
        sum(rated_usage.net_amount) as net_amount,
        sum(rated_usage.billable_quantity) as billable_quantity
    from booked
    inner join {{ ref('dim_volume_rebates') }} as rebates
        on booked.rebate_id = rebates.rebate_id and rebates.tier_number = 1
    inner join {{ ref('fct_rated_usage') }} as rated_usage
        on
            booked.contract_id = rated_usage.contract_id
            and concat(rated_usage.plan_version_id, ':', booked.line_code)
            = rated_usage.plan_line_id
            and booked.last_booked_month >= rated_usage.period_month
            and rebates.start_date <= rated_usage.period_month
    where rated_usage.is_current
    group by booked.rebate_id
)

select booked.rebate_id, rated.net_amount, booked.delta_amount
from booked
inner join rated
    on booked.rebate_id = rated.rebate_id
where rated.net_amount + booked.delta_amount <> rated.billable_quantity * booked.unit_price

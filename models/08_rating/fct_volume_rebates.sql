with rebates_repriced as (
    select * from {{ ref('int_rating__rebates_repriced') }}
),

volume_rebates as (
    select * from {{ ref('dim_volume_rebates') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

final as (
    select
        rebates_repriced.rebate_id,
        volume_rebates.contract_id,
        contracts.tenant_id,
        volume_rebates.line_code,
        rebates_repriced.tier_number,
        rebates_repriced.billable_quantity,
        volume_rebates.unit_price,
        rebates_repriced.former_amount,
        rebates_repriced.new_amount,
        cast(rebates_repriced.new_amount - rebates_repriced.former_amount as decimal(38, 18))
            as delta_amount,
        volume_rebates.currency_code,
        rebates_repriced.booked_month,
        rebates_repriced.period_month,
        volume_rebates.policy_decision_id
    from rebates_repriced
    inner join volume_rebates
        on
            rebates_repriced.rebate_id = volume_rebates.rebate_id
            and rebates_repriced.tier_number = volume_rebates.tier_number
    inner join contracts
        on volume_rebates.contract_id = contracts.contract_id
)

select * from final

with volume_rebates as (
    select
        *,
        concat(rebate_id, ':', tier_number) as act_key
    from {{ ref('stg_catalogue__volume_rebates') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

-- A rebate that no decision allows re-prices nothing.
final as (
    select
        volume_rebates.rebate_id,
        volume_rebates.contract_id,
        volume_rebates.line_code,
        volume_rebates.currency_code,
        volume_rebates.tier_number,
        volume_rebates.above_quantity,
        volume_rebates.unit_price,
        volume_rebates.start_date,
        volume_rebates.end_date,
        volume_rebates.recorded_at,
        volume_rebates.policy_decision_id
    from volume_rebates
    inner join policy_effects
        on
            policy_effects.act_source = 'volume_rebates'
            and volume_rebates.act_key = policy_effects.act_key
            and policy_effects.is_in_force
)

select * from final

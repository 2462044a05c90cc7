with true_ups as (
    select * from {{ ref('fct_commitment_true_ups') }}
    where amount <> 0
),

adjustments as (
    select * from {{ ref('fct_rated_adjustments') }}
),

-- A commitment is over the whole contract, so its line stands in no pack.
final as (
    select
        billing_period_id,
        true_up_id as charge_id,
        'commitment' as line_type,
        cast(null as varchar) as pack_id,
        commitment_id as plan_line_id,
        'Minimum commitment' as description,
        cast(1 as decimal(22, 9)) as quantity,
        amount as exact_amount,
        amount,
        period_start_at as segment_start_at,
        cast(null as varchar) as rated_usage_id,
        cast(null as varchar) as receipt_id
    from true_ups
    union all
    select
        billing_period_id,
        adjustment_id as charge_id,
        'adjustment' as line_type,
        pack_id,
        line_code as plan_line_id,
        concat_ws(', ', case adjustment_kind
            when 'pooling' then 'Pooled tiers'
            when 'volume_rebate' then 'Volume rebate'
            else 'Time-of-day commitment'
        end, line_code) as description,
        cast(1 as decimal(22, 9)) as quantity,
        exact_amount,
        amount,
        period_start_at as segment_start_at,
        cast(null as varchar) as rated_usage_id,
        cast(null as varchar) as receipt_id
    from adjustments
)

select * from final

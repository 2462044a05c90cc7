with lines_pooled as (
    select * from {{ ref('int_rating__lines_pooled') }}
),

pools_shared as (
    select * from {{ ref('int_rating__pools_shared') }}
),

final as (
    select
        lines_pooled.contract_line_id,
        lines_pooled.pool_id,
        lines_pooled.family_id,
        lines_pooled.contract_id,
        lines_pooled.tenant_id,
        lines_pooled.plan_line_id,
        lines_pooled.billable_quantity,
        pools_shared.pooled_quantity,
        pools_shared.pooled_amount,
        pools_shared.attributed_amount,
        pools_shared.alone_amount,
        cast(pools_shared.attributed_amount - pools_shared.alone_amount as decimal(38, 18))
            as pooling_amount,
        lines_pooled.currency_code,
        lines_pooled.period_month,
        lines_pooled.policy_decision_id
    from lines_pooled
    inner join pools_shared
        on lines_pooled.contract_line_id = pools_shared.contract_line_id
)

select * from final

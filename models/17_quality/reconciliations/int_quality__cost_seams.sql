with cost_reconciliation as (
    select * from {{ ref('rpt_cost_reconciliation') }}
),

cost_pools as (
    select * from {{ ref('fct_cost_pools') }}
),

allocations as (
    select * from {{ ref('fct_cost_allocations') }}
),

unallocated_costs as (
    select * from {{ ref('fct_unallocated_costs') }}
),

commitment_balances as (
    select * from {{ ref('fct_commitment_balances') }}
),

homes as (
    select
        cost_pool_id,
        effective_cost_amount
    from allocations
    union all
    select
        cost_pool_id,
        effective_cost_amount
    from unallocated_costs
),

commitments as (
    select
        concat_ws(':', provider, commitment_discount_id) as commitment_id,
        currency_code,
        sum(purchased_cost_amount) as bought_amount,
        sum(used_cost_amount + unused_cost_amount) + max_by(prepaid_balance_amount, balance_month)
            as used_or_left_amount
    from commitment_balances
    group by
        provider,
        commitment_discount_id,
        currency_code
),

final as (
    {% for cost in ['billed_cost', 'effective_cost'] -%}
        {% for side, amount in [
            (1, 'statement_' ~ cost ~ '_amount'),
            (2, 'statement_' ~ cost ~ '_amount - difference_' ~ cost ~ '_amount'),
        ] -%}
            select
                {{ seam_side(
                    cost, side, "concat_ws(':', provider, cost_month)", 'currency_code', amount
                ) }}
            from cost_reconciliation
            union all
        {% endfor -%}
    {% endfor -%}
    select
        {{ seam_side('cost_pools', 1, 'cost_pool_id', 'currency_code', 'effective_cost_amount') }}
    from cost_pools
    union all
    select
        {{ seam_side(
            'cost_pools', 2, 'homes.cost_pool_id', 'cost_pools.currency_code', 'homes.effective_cost_amount'
        ) }}
    from homes
    left join cost_pools
        on homes.cost_pool_id = cost_pools.cost_pool_id
    {% for side, amount in [(1, 'bought_amount'), (2, 'used_or_left_amount')] -%}
        union all
        select
            {{ seam_side('commitment', side, 'commitment_id', 'currency_code', amount) }}
        from commitments
    {% endfor -%}
)

select * from final

-- Cost: every current row of a commitment is in its balances, and what was bought is what was used,
-- ran out unused or is left.
{%- set key = 'provider, commitment_discount_id, currency_code' %}
with stacked as (
    select
        {{ key }},
        charge_category,
        lower(commitment_discount_status) as status,
        billed_cost_amount,
        effective_cost_amount,
        0 as purchased,
        0 as used,
        0 as unused,
        null as balance_month,
        null as balance
    from {{ ref('fct_cost_statement_rows') }}
    where row_status = 'current' and commitment_discount_id is not null
    union all
    select
        {{ key }},
        null as charge_category,
        null as status,
        0 as billed_cost_amount,
        0 as effective_cost_amount,
        purchased_cost_amount as purchased,
        used_cost_amount as used,
        unused_cost_amount as unused,
        balance_month,
        prepaid_balance_amount as balance
    from {{ ref('fct_commitment_balances') }}
)

select {{ key }}
from stacked
group by {{ key }}
having
    sum(purchased)
    <> coalesce(sum(billed_cost_amount) filter (where lower(charge_category) = 'purchase'), 0)
    or sum(used) <> coalesce(
        sum(effective_cost_amount) filter (
            where lower(charge_category) = 'usage' and status = 'used'
        ), 0
    )
    or sum(unused) <> coalesce(
        sum(effective_cost_amount) filter (
            where lower(charge_category) = 'usage' and status = 'unused'
        ), 0
    )
    or sum(purchased) - sum(used) - sum(unused) <> max_by(balance, balance_month)

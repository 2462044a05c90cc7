-- Recurring revenue: on each basis and in each currency what a month opens with and its movements
-- make what it closes with, the next month opens with that, and it is what the customers have.
with customers as (
    select
        'contract_currency' as mrr_basis,
        currency_code,
        mrr_month,
        mrr_amount as amount
    from {{ ref('fct_mrr') }}
    union all
    select
        'reporting_currency' as mrr_basis,
        'USD' as currency_code,
        mrr_month,
        mrr_usd as amount
    from {{ ref('fct_mrr') }}
),

totalled as (
    select
        mrr_basis,
        currency_code,
        mrr_month,
        {{ sum_of_known('amount') }} as amount
    from customers
    group by
        mrr_basis,
        currency_code,
        mrr_month
),

movements as (
    select
        mrr_basis,
        currency_code,
        mrr_month,
        {{ sum_of_known('mrr_movement_amount') }} as amount
    from {{ ref('fct_mrr_movements') }}
    group by
        mrr_basis,
        currency_code,
        mrr_month
),

rolled as (
    select
        *,
        lag(closing_mrr_amount, 1, 0) over months as former_closing_amount,
        lag(closing_customer_count, 1, 0) over months as former_customer_count
    from {{ ref('rpt_mrr_rollforward') }}
    window months as (partition by mrr_basis, currency_code order by mrr_month)
)

select
    totalled.*,
    rolled.opening_mrr_amount,
    rolled.closing_mrr_amount
from totalled
full join rolled
    on
        totalled.mrr_basis = rolled.mrr_basis
        and totalled.currency_code = rolled.currency_code
        and totalled.mrr_month = rolled.mrr_month
left join movements
    on
        rolled.mrr_basis = movements.mrr_basis
        and rolled.currency_code = movements.currency_code
        and rolled.mrr_month = movements.mrr_month
where
    totalled.mrr_month is null
    or rolled.mrr_month is null
    or totalled.amount is distinct from rolled.closing_mrr_amount
    or rolled.opening_mrr_amount is distinct from rolled.former_closing_amount
    or rolled.opening_mrr_amount
    + case when movements.mrr_month is null then 0 else movements.amount end
    <> rolled.closing_mrr_amount
    or rolled.opening_mrr_amount + rolled.net_new_mrr_amount + rolled.currency_mrr_amount
    <> rolled.closing_mrr_amount
    or rolled.opening_customer_count <> rolled.former_customer_count
    or rolled.opening_customer_count + rolled.new_customer_count
    + rolled.reactivated_customer_count - rolled.churned_customer_count
    <> rolled.closing_customer_count

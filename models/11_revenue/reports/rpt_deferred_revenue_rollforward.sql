with balances as (
    select
        *,
        deferred_amount + refund_liability_amount - unbilled_amount as closing_amount
    from {{ ref('fct_revenue_balances') }}
    where contract_id <> '(none)'
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

recognised as (
    select
        contract_id,
        revenue_month as balance_month,
        sum(recognised_amount) as recognised_amount
    from {{ ref('fct_recognised_revenue') }}
    where revenue_kind not in ('breakage', 'granted_credit')
    group by
        contract_id,
        revenue_month
),

billed as (
    select
        contract_id,
        cast(date_trunc('month', billed_date) as date) as balance_month,
        sum(case when billing_kind = 'issued' then amount else 0 end) as billed_amount,
        sum(case when billing_kind = 'voided' then amount else 0 end) as voided_amount,
        sum(case when billing_kind = 'written_off' then amount else 0 end)
            as deferred_written_off_amount
    from {{ ref('fct_revenue_billings') }}
    group by
        contract_id,
        cast(date_trunc('month', billed_date) as date)
),

moved as (
    select
        balances.*,
        contracts.is_internal,
        lag(balances.closing_amount, 1, 0) over (
            partition by balances.contract_id order by balances.balance_month
        ) as opening_amount,
        coalesce(billed.billed_amount, 0) as billed_amount,
        coalesce(billed.voided_amount, 0) as voided_amount,
        coalesce(billed.deferred_written_off_amount, 0) as deferred_written_off_amount,
        coalesce(recognised.recognised_amount, 0) as recognised_amount
    from balances
    inner join contracts
        on balances.contract_id = contracts.contract_id
    left join billed
        on
            balances.contract_id = billed.contract_id
            and balances.balance_month = billed.balance_month
    left join recognised
        on
            balances.contract_id = recognised.contract_id
            and balances.balance_month = recognised.balance_month
),

-- Deferred revenue and what is owed back, less what is not billed yet.
final as (
    select
        contract_id,
        tenant_id,
        balance_month,
        is_internal,
        deferred_amount,
        unbilled_amount,
        refund_liability_amount,
        {% for name in [
            'opening', 'billed', 'voided', 'deferred_written_off', 'recognised', 'closing',
        ] -%}
            cast({{ name }}_amount as decimal(22, 4)) as {{ name }}_amount,
        {% endfor -%}
        cast(
            opening_amount + billed_amount + voided_amount + deferred_written_off_amount
            - recognised_amount - closing_amount as decimal(22, 4)
        ) as difference_amount,
        currency_code
    from moved
)

select * from final

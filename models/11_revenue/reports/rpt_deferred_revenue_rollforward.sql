with positions as (
    select * from {{ ref('fct_revenue_positions') }}
),

balances as (
    select
        contract_id,
        tenant_id,
        is_internal,
        currency_code,
        balance_month,
        sum(deferred_amount) as deferred_amount,
        sum(unbilled_amount) as unbilled_amount,
        sum(refund_liability_amount) as refund_liability_amount
    from positions
    group by
        contract_id,
        tenant_id,
        is_internal,
        currency_code,
        balance_month
),

recognised as (
    select
        contract_id,
        currency_code,
        revenue_month as balance_month,
        sum(recognised_amount) as recognised_amount
    from {{ ref('fct_revenue_lines') }}
    where revenue_kind not in ('breakage', 'granted_credit')
    group by
        contract_id,
        currency_code,
        revenue_month
),

billed as (
    select
        contract_id,
        currency_code,
        cast(date_trunc('month', billed_date) as date) as balance_month,
        sum(case when billing_kind = 'issued' then amount else 0 end) as billed_amount,
        sum(case when billing_kind = 'voided' then amount else 0 end) as voided_amount,
        sum(case when billing_kind = 'written_off' then amount else 0 end)
            as deferred_written_off_amount
    from {{ ref('fct_revenue_billings') }}
    group by
        contract_id,
        currency_code,
        cast(date_trunc('month', billed_date) as date)
),

-- A month after the last one in which anything was open has no balance.
spine as (
    select
        contract_id,
        currency_code,
        any_value(tenant_id) as tenant_id,
        bool_or(is_internal) as is_internal,
        cast(unnest(generate_series(
            cast(min(balance_month) as timestamp),
            cast(max(balance_month) as timestamp),
            interval 1 month
        )) as date) as balance_month
    from balances
    group by
        contract_id,
        currency_code
),

-- Deferred revenue and what is owed back, less what is not billed yet.
netted as (
    select
        spine.*,
        {% for name in ['deferred', 'unbilled', 'refund_liability'] -%}
            coalesce(balances.{{ name }}_amount, 0) as {{ name }}_amount,
        {% endfor -%}
        coalesce(balances.deferred_amount, 0) + coalesce(balances.refund_liability_amount, 0)
        - coalesce(balances.unbilled_amount, 0) as closing_amount,
        coalesce(billed.billed_amount, 0) as billed_amount,
        coalesce(billed.voided_amount, 0) as voided_amount,
        coalesce(billed.deferred_written_off_amount, 0) as deferred_written_off_amount,
        coalesce(recognised.recognised_amount, 0) as recognised_amount
    from spine
    left join balances
        on
            spine.contract_id = balances.contract_id
            and spine.currency_code = balances.currency_code
            and spine.balance_month = balances.balance_month
    left join billed
        on
            spine.contract_id = billed.contract_id
            and spine.currency_code = billed.currency_code
            and spine.balance_month = billed.balance_month
    left join recognised
        on
            spine.contract_id = recognised.contract_id
            and spine.currency_code = recognised.currency_code
            and spine.balance_month = recognised.balance_month
),

final as (
    select
        contract_id,
        tenant_id,
        balance_month,
        is_internal,
        {% for name in ['deferred', 'unbilled', 'refund_liability'] -%}
            cast({{ name }}_amount as decimal(22, 4)) as {{ name }}_amount,
        {% endfor -%}
        cast(lag(closing_amount, 1, 0) over months as decimal(22, 4)) as opening_amount,
        cast(billed_amount as decimal(22, 4)) as billed_amount,
        cast(voided_amount as decimal(22, 4)) as voided_amount,
        cast(deferred_written_off_amount as decimal(22, 4)) as deferred_written_off_amount,
        cast(recognised_amount as decimal(22, 4)) as recognised_amount,
        cast(closing_amount as decimal(22, 4)) as closing_amount,
        cast(
            lag(closing_amount, 1, 0) over months + billed_amount + voided_amount
            + deferred_written_off_amount - recognised_amount - closing_amount as decimal(22, 4)
        ) as difference_amount,
        currency_code
    from netted
    window months as (partition by contract_id, currency_code order by balance_month)
)

select * from final

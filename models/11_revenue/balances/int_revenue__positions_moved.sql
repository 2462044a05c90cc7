with revenue_lines as (
    select * from {{ ref('fct_revenue_lines') }}
),

billings as (
    select * from {{ ref('fct_revenue_billings') }}
),

-- An invoice's rate is that of all that was billed under the same key, for what is not billed at a
-- rate of its own.
rates as (
    select
        balance_key,
        min_by(usd_per_unit, billed_date) as usd_per_unit
    from billings
    where billing_kind = 'issued'
    group by balance_key
),

moved as (
    select
        balance_key,
        contract_id,
        tenant_id,
        is_internal,
        currency_code,
        revenue_month as balance_month,
        revenue_kind = 'sla_credit' as is_credit,
        recognised_amount,
        recognised_usd,
        cast(0 as decimal(22, 4)) as billed_amount,
        cast(0 as decimal(38, 12)) as billed_usd,
        cast(null as decimal(18, 9)) as usd_per_unit
    from revenue_lines
    where revenue_kind not in ('breakage', 'granted_credit')
    union all
    select
        billings.balance_key,
        billings.contract_id,
        billings.tenant_id,
        billings.is_internal,
        billings.currency_code,
        cast(date_trunc('month', billings.billed_date) as date) as balance_month,
        false as is_credit,
        0 as recognised_amount,
        0 as recognised_usd,
        billings.amount as billed_amount,
        {{ to_usd('billings.amount', 'coalesce(billings.usd_per_unit, rates.usd_per_unit)') }}
            as billed_usd,
        rates.usd_per_unit
    from billings
    left join rates
        on billings.balance_key = rates.balance_key
),

final as (
    select
        balance_key,
        contract_id,
        tenant_id,
        is_internal,
        balance_month,
        bool_or(is_credit) as is_credit,
        cast(sum(recognised_amount) as decimal(22, 4)) as recognised_amount,
        {{ sum_of_known('recognised_usd') }} as recognised_usd,
        cast(sum(billed_amount) as decimal(22, 4)) as billed_amount,
        {{ sum_of_known('billed_usd') }} as billed_usd,
        currency_code,
        max(usd_per_unit) as historical_rate
    from moved
    group by
        balance_key,
        contract_id,
        tenant_id,
        is_internal,
        balance_month,
        currency_code
)

select * from final

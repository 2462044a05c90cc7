with revenue_rated as (
    select * from {{ ref('int_margin__revenue_rated') }}
),

revenue_invoiced as (
    select * from {{ ref('int_margin__revenue_invoiced') }}
),

revenue_recognised as (
    select * from {{ ref('fct_recognised_revenue') }}
),

exchange_rates as (
    select * from {{ ref('fct_exchange_rates') }}
),

-- Every basis of revenue is a branch here and a name in int_margin__lines_stacked.
stacked as (
    select
        'rated' as revenue_basis,
        tenant_id,
        contract_id,
        pack_id,
        revenue_kind,
        meter_id,
        period_month,
        currency_code,
        amount
    from revenue_rated
    union all
    select
        'invoiced' as revenue_basis,
        tenant_id,
        contract_id,
        pack_id,
        revenue_kind,
        null as meter_id,
        period_month,
        currency_code,
        amount
    from revenue_invoiced
),

-- Each amount is converted by itself, so that sums are the same however they are cut. What is
-- recognised was converted when it was.
converted as (
    select
        stacked.revenue_basis,
        stacked.tenant_id,
        stacked.contract_id,
        stacked.pack_id,
        stacked.revenue_kind,
        stacked.meter_id,
        stacked.period_month,
        {{ to_usd('stacked.amount', 'exchange_rates.usd_per_unit') }} as amount_usd
    from stacked
    left join exchange_rates
        on
            stacked.currency_code = exchange_rates.currency_code
            and stacked.period_month = exchange_rates.rate_month
    union all
    select
        'recognised' as revenue_basis,
        tenant_id,
        contract_id,
        pack_id,
        case
            when revenue_kind in ('subscription', 'one_time') then 'fee' else revenue_kind
        end as revenue_kind,
        null as meter_id,
        revenue_month as period_month,
        recognised_usd as amount_usd
    from revenue_recognised
),

final as (
    select
        revenue_basis,
        tenant_id,
        contract_id,
        pack_id,
        revenue_kind,
        meter_id,
        period_month,
        {{ sum_of_known('amount_usd') }} as amount_usd
    from converted
    group by
        revenue_basis,
        tenant_id,
        contract_id,
        pack_id,
        revenue_kind,
        meter_id,
        period_month
)

select * from final

with revenue_rated as (
    select * from {{ ref('int_margin__revenue_rated') }}
),

revenue_invoiced as (
    select * from {{ ref('int_margin__revenue_invoiced') }}
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

-- Each amount is converted by itself, so that sums are the same however they are cut.
converted as (
    select
        stacked.*,
        {{ to_usd('stacked.amount', 'exchange_rates.usd_per_unit') }} as amount_usd
    from stacked
    left join exchange_rates
        on
            stacked.currency_code = exchange_rates.currency_code
            and stacked.period_month = exchange_rates.rate_month
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

with months as (
    select * from {{ ref('int_revenue__mrr_months_spanned') }}
),

fee_rates as (
    select * from {{ ref('fct_contract_fee_rates') }}
),

committed as (
    select
        tenant_id,
        currency_code,
        mrr_month,
        sum(month_amount) as month_amount
    from {{ ref('int_revenue__lines_committed') }}
    group by
        tenant_id,
        currency_code,
        mrr_month
),

exchange_rates as (
    select * from {{ ref('fct_exchange_rates') }}
),

held as (
    select
        months.tenant_id,
        months.currency_code,
        months.mrr_month,
        count(distinct fee_rates.contract_id) filter (where fee_rates.month_amount > 0)
            as contract_count,
        cast(coalesce(sum(fee_rates.month_amount), 0) as decimal(28, 9)) as mrr_amount
    from months
    left join fee_rates
        on
            months.tenant_id = fee_rates.tenant_id
            and months.currency_code = fee_rates.currency_code
            and months.measured_date >= fee_rates.from_date
            and months.measured_date < fee_rates.to_date
    group by
        months.tenant_id,
        months.currency_code,
        months.mrr_month
),

-- Nothing is nothing in any currency, whether or not its rate is known.
final as (
    select
        held.tenant_id,
        held.mrr_month,
        held.currency_code,
        held.contract_count,
        held.mrr_amount,
        cast(held.mrr_amount * 12 as decimal(28, 9)) as arr_amount,
        cast(coalesce(committed.month_amount, 0) as decimal(28, 9)) as committed_mrr_amount,
        cast(coalesce(committed.month_amount, 0) * 12 as decimal(28, 9)) as committed_arr_amount,
        exchange_rates.usd_per_unit,
        case
            when held.mrr_amount = 0 then cast(0 as decimal(38, 12))
            else {{ to_usd('held.mrr_amount', 'exchange_rates.usd_per_unit') }}
        end as mrr_usd
    from held
    left join committed
        on
            held.tenant_id = committed.tenant_id
            and held.currency_code = committed.currency_code
            and held.mrr_month = committed.mrr_month
    left join exchange_rates
        on
            held.currency_code = exchange_rates.currency_code
            and held.mrr_month = exchange_rates.rate_month
)

select * from final

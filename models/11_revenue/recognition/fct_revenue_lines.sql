with months_booked as (
    select * from {{ ref('int_revenue__months_booked') }}
),

billings as (
    select * from {{ ref('fct_revenue_billings') }}
    where billing_kind = 'issued' and usd_per_unit is not null
),

booked_rates as (
    select * from {{ ref('fct_booked_rates') }}
),

first_billed as (
    select
        balance_key,
        min(billed_date) as billed_date,
        min_by(usd_per_unit, billed_date) as usd_per_unit
    from billings
    group by balance_key
),

-- What was billed by the end of the month is earned at the rate of its invoice, else at the
-- month's.
rated as (
    select
        months_booked.*,
        case
            when first_billed.billed_date < {{ months_after('months_booked.revenue_month', 1) }}
                then first_billed.usd_per_unit
            else booked_rates.usd_per_unit
        end as usd_per_unit
    from months_booked
    left join first_billed
        on months_booked.balance_key = first_billed.balance_key
    left join booked_rates
        on
            months_booked.currency_code = booked_rates.currency_code
            and months_booked.revenue_month = booked_rates.rate_month
),

final as (
    select
        {{ content_id([
            'obligation_id', 'balance_key', 'pack_id', 'revenue_month', 'is_correction',
        ]) }} as revenue_line_id,
        obligation_id,
        balance_key,
        contract_id,
        tenant_id,
        pack_id,
        revenue_kind,
        revenue_month,
        is_internal,
        is_locked,
        is_correction,
        cast(amount as decimal(22, 4)) as recognised_amount,
        currency_code,
        case when is_locked then locked_usd else {{ to_usd('amount', 'usd_per_unit') }} end
            as recognised_usd
    from rated
)

select * from final

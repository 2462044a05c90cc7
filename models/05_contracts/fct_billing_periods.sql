with contracts as (
    select * from {{ ref('dim_contracts') }}
),

months as (
    select * from {{ ref('dim_months') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

-- Calendar months, cut to the contract's range; a month that has not begun by as-of has no period
-- yet.
overlapping as (
    select
        contracts.contract_id,
        contracts.tenant_id,
        contracts.currency_code,
        months.month_date as period_month,
        months.day_count as full_day_count,
        {{ later_of('months.month_start_at', 'cast(contracts.start_date as timestamp)') }}
            as period_start_at,
        {{ earlier_of('months.month_end_at', 'cast(contracts.end_date as timestamp)') }}
            as period_end_at
    from contracts
    inner join months
        on
            contracts.start_date < months.month_end_at
            and contracts.end_date > months.month_start_at
    inner join as_of
        on months.month_start_at <= as_of.as_of_at
),

final as (
    select
        {{ content_id(['contract_id', 'period_start_at']) }} as billing_period_id,
        contract_id,
        tenant_id,
        currency_code,
        period_month,
        full_day_count,
        period_start_at,
        period_end_at
    from overlapping
)

select * from final

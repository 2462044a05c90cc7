-- Recurring revenue, the long way round: what billing charges on the day on which a month is
-- measured, as the fee of a whole month less the discounts of that day. A fee that is billed for
-- another interval than a month is rounded on the way, so customers who have one are left out.
with as_of as (
    select * from {{ ref('dim_as_of') }}
),

days as (
    select
        months.month_date as mrr_month,
        cast(least(months.month_end_at - interval 1 day, as_of.as_of_at) as date) as measured_date
    from {{ ref('dim_months') }} as months
    inner join as_of
        on months.month_start_at <= as_of.as_of_at
),

billed as (
    select
        lines.contract_id,
        lines.tenant_id,
        lines.currency_code,
        lines.plan_version_id,
        lines.line_code,
        lines.pack_id,
        days.mrr_month,
        days.measured_date,
        fees.full_period_amount,
        coalesce(periods.month_count = 1, false) as is_by_month
    from {{ ref('fct_contract_fees') }} as fees
    inner join {{ ref('fct_contract_lines') }} as lines
        on fees.contract_line_id = lines.contract_line_id
    inner join {{ ref('fct_billing_periods') }} as periods
        on fees.billing_period_id = periods.billing_period_id
    inner join days
        on
            lines.segment_start_date <= days.measured_date
            and lines.segment_end_date > days.measured_date
    where fees.line_kind = 'fee'
),

discounted as (
    select
        billed.contract_id,
        billed.line_code,
        billed.mrr_month,
        {{ running_product(
            '1 - discounts.discount_ratio',
            'billed.contract_id, billed.line_code, billed.mrr_month',
            'discounts.sequence, discounts.discount_id',
        ) }} as share_left_ratio
    from billed
    inner join {{ ref('dim_discounts') }} as discounts
        on
            coalesce(discounts.contract_id, billed.contract_id) = billed.contract_id
            and coalesce(discounts.plan_version_id, billed.plan_version_id)
            = billed.plan_version_id
            and coalesce(discounts.line_code, billed.line_code) = billed.line_code
            and coalesce(discounts.pack_id, billed.pack_id) = billed.pack_id
            and billed.measured_date >= cast(discounts.effective_from_at as date)
            and billed.measured_date < cast(discounts.effective_to_at as date)
),

left_over as (
    select contract_id, line_code, mrr_month, min(share_left_ratio) as share_left_ratio
    from discounted
    group by contract_id, line_code, mrr_month
),

charged as (
    select
        billed.tenant_id,
        billed.currency_code,
        billed.mrr_month,
        bool_and(billed.is_by_month) as is_by_month,
        sum(round(
            cast(billed.full_period_amount as decimal(22, 9))
            * coalesce(left_over.share_left_ratio, 1), 9
        )) as amount
    from billed
    left join left_over
        on
            billed.contract_id = left_over.contract_id
            and billed.line_code = left_over.line_code
            and billed.mrr_month = left_over.mrr_month
    group by billed.tenant_id, billed.currency_code, billed.mrr_month
),

customers as (
    select tenant_id from {{ ref('dim_tenants') }}
    where not is_internal
)

select
    mrr.tenant_id,
    mrr.currency_code,
    mrr.mrr_month,
    mrr.mrr_amount,
    charged.amount
from (
    select charged.*
    from charged
    inner join customers
        on charged.tenant_id = customers.tenant_id
) as charged
full join {{ ref('fct_mrr') }} as mrr
    on
        charged.tenant_id = mrr.tenant_id
        and charged.currency_code = mrr.currency_code
        and charged.mrr_month = mrr.mrr_month
where
    coalesce(charged.is_by_month, true)
    and coalesce(charged.amount, 0) <> coalesce(mrr.mrr_amount, 0)

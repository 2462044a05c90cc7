with contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
    where line_kind <> 'usage'
),

plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
),

plan_tiers as (
    select * from {{ ref('fct_plan_tiers') }}
),

quantities as (
    select * from {{ ref('dim_contract_quantities') }}
),

periods as (
    select * from {{ ref('fct_billing_periods') }}
),

discounts as (
    select
        contract_line_id,
        max_by(share_left_ratio, step_number) as share_left_ratio
    from {{ ref('fct_contract_discounts') }}
    group by contract_line_id
),

priced as (
    select
        contract_lines.*,
        periods.timing,
        periods.proration,
        periods.split_rounding,
        periods.rounding_mode,
        periods.period_end_date,
        periods.period_end_at,
        periods.full_start_at,
        periods.full_end_at,
        {{ contracted_quantity('contract_lines.charge_model', 'quantities.quantity') }}
            as quantity,
        {{ contracted_fee('plan_tiers', 'quantities.quantity') }} as priced_amount,
        case contract_lines.line_kind when 'fee' then periods.month_count end as billed_months,
        {{ months_in_interval('plan_lines.priced_interval') }} as priced_months,
        coalesce(discounts.share_left_ratio, 1) as share_left_ratio
    from contract_lines
    inner join periods
        on contract_lines.billing_period_id = periods.billing_period_id
    inner join plan_lines
        on contract_lines.plan_line_id = plan_lines.plan_line_id
    inner join plan_tiers
        on
            contract_lines.plan_line_id = plan_tiers.plan_line_id
            and contract_lines.currency_code = plan_tiers.currency_code
    left join quantities
        on
            contract_lines.contract_id = quantities.contract_id
            and contract_lines.line_code = quantities.line_code
            and contract_lines.segment_start_date >= quantities.effective_from_at
            and contract_lines.segment_start_date < quantities.effective_to_at
    left join discounts
        on contract_lines.contract_line_id = discounts.contract_line_id
),

-- A fee that is priced for another interval than it is billed for is brought to that.
of_period as (
    select
        *,
        cast({{ from_nanos(half_away_quotient(
            to_nanos('priced_amount') ~ ' * coalesce(billed_months, priced_months, 1)',
            'coalesce(priced_months, 1)',
        )) }} as decimal(28, 9)) as full_period_amount
    from priced
),

final as (
    select
        contract_line_id,
        billing_period_id,
        contract_id,
        tenant_id,
        plan_version_id,
        plan_line_id,
        line_kind,
        pack_id,
        description,
        currency_code,
        minor_unit,
        period_month,
        timing,
        proration,
        split_rounding,
        rounding_mode,
        full_day_count,
        segment_day_count,
        date_diff('day', segment_end_date, period_end_date) as left_day_count,
        date_diff('second', full_start_at, full_end_at) as full_second_count,
        date_diff('second', segment_start_at, segment_end_at) as segment_second_count,
        date_diff('second', segment_end_at, period_end_at) as left_second_count,
        quantity,
        full_period_amount,
        {{ left_by_discounts('full_period_amount', 'share_left_ratio') }} as discounted_amount,
        segment_start_at,
        segment_end_at,
        policy_decision_id
    from of_period
)

select * from final

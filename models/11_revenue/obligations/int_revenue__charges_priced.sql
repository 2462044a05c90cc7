with lines_netted as (
    select * from {{ ref('int_revenue__lines_netted') }}
),

charges as (
    select * from {{ ref('fct_charges') }}
),

periods as (
    select * from {{ ref('fct_billing_periods') }}
),

plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
),

-- What a charge comes to, by all that asks for it or will: what was agreed afterwards changes the
-- price from its day on, and what was void and is not waived is drafted again.
totalled as (
    select
        charge_key,
        max(billing_period_id) as billing_period_id,
        max(contract_id) as contract_id,
        max(line_type) as line_type,
        max(line_code) as line_code,
        max(pack_id) as pack_id,
        max(plan_line_id) as plan_line_id,
        sum(case when agreed_by_action_id is null then amount else 0 end) as amount,
        min(segment_start_at) as segment_start_at,
        max(segment_end_at) as segment_end_at,
        min(issued_at) as first_issued_at
    from lines_netted
    where voided_at is null or is_waived
    group by charge_key
),

-- The days of a charge are those that it has by now.
final as (
    select
        totalled.charge_key,
        charges.charge_id,
        totalled.billing_period_id,
        totalled.contract_id,
        totalled.line_code,
        totalled.pack_id,
        case
            when totalled.line_type = 'fee' and plan_lines.line_kind = 'one_time' then 'one_time'
            when totalled.line_type = 'fee' then 'subscription'
            else totalled.line_type
        end as revenue_kind,
        periods.proration,
        cast(totalled.amount as decimal(22, 4)) as price_amount,
        {{ civil_date(
            'coalesce(charges.segment_start_at, totalled.segment_start_at)', 'periods.time_zone'
        ) }} as service_from_date,
        {{ civil_date(
            'coalesce(charges.segment_end_at, totalled.segment_end_at)', 'periods.time_zone'
        ) }} as service_to_date,
        {{ civil_date('periods.full_end_at', 'periods.time_zone') }} as full_period_to_date,
        {{ civil_date('periods.period_end_at', 'periods.time_zone') }} as period_to_date,
        coalesce(
            cast(date_trunc('month', totalled.first_issued_at) as date), periods.period_month
        ) as booking_month
    from totalled
    inner join periods
        on totalled.billing_period_id = periods.billing_period_id
    left join charges
        on totalled.charge_key = charges.charge_key
    left join plan_lines
        on totalled.plan_line_id = plan_lines.plan_line_id
)

select * from final

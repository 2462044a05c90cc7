with contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

plan_tiers as (
    select * from {{ ref('fct_plan_tiers') }}
),

priced as (
    select
        contract_lines.*,
        plan_tiers.flat_amount as full_period_amount,
        plan_tiers.flat_amount * contract_lines.segment_day_count as amount_days
    from contract_lines
    inner join plan_tiers
        on
            contract_lines.plan_line_id = plan_tiers.plan_line_id
            and contract_lines.currency_code = plan_tiers.currency_code
    where contract_lines.line_kind = 'fee'
),

-- Prorated by day; each segment gets what the running total has grown by, so that the parts add up.
accumulated as (
    select
        *,
        sum(amount_days) over (
            partition by billing_period_id, pack_id order by segment_start_at, plan_line_id
            rows between unbounded preceding and current row
        ) as running_amount_days
    from priced
),

rounded as (
    select
        *,
        {{ half_away_quotient(
            to_nanos('running_amount_days') ~ ' * ' ~ minor_units_in_one('minor_unit'),
            'cast(1000000000 as hugeint) * full_day_count',
        ) }} as running_minor_units
    from accumulated
),

final as (
    select
        contract_line_id,
        billing_period_id,
        contract_id,
        tenant_id,
        plan_version_id,
        plan_line_id,
        pack_id,
        description,
        currency_code,
        period_month,
        segment_day_count,
        full_day_count,
        full_period_amount,
        {{ from_minor_units(
            'running_minor_units - coalesce(lag(running_minor_units) over ('
            ~ 'partition by billing_period_id, pack_id order by segment_start_at, plan_line_id), 0)',
            'minor_unit',
        ) }} as amount,
        segment_start_at,
        segment_end_at,
        policy_decision_id
    from rounded
)

select * from final

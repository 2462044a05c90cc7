with periods as (
    select * from {{ ref('fct_billing_periods') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

plan_versions as (
    select * from {{ ref('dim_plan_versions') }}
),

-- A billing period has one segment for each plan version in force in it.
cut as (
    select
        periods.billing_period_id,
        periods.contract_id,
        periods.tenant_id,
        plan_versions.plan_version_id,
        plan_versions.policy_decision_id,
        periods.currency_code,
        contracts.minor_unit,
        periods.period_month,
        periods.full_day_count,
        {{ later_of('periods.period_start_at', 'plan_versions.effective_from_at') }}
            as segment_start_at,
        {{ earlier_of('periods.period_end_at', 'plan_versions.effective_to_at') }}
            as segment_end_at
    from periods
    inner join contracts
        on periods.contract_id = contracts.contract_id
    inner join plan_versions
        on
            contracts.plan_id = plan_versions.plan_id
            and periods.period_start_at < plan_versions.effective_to_at
            and periods.period_end_at > plan_versions.effective_from_at
),

final as (
    select
        {{ content_id(['contract_id', 'plan_version_id', 'segment_start_at']) }} as segment_id,
        billing_period_id,
        contract_id,
        tenant_id,
        plan_version_id,
        policy_decision_id,
        currency_code,
        minor_unit,
        period_month,
        full_day_count,
        date_diff('day', segment_start_at, segment_end_at) as segment_day_count,
        segment_start_at,
        segment_end_at
    from cut
)

select * from final

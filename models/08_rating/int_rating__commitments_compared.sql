with commitments as (
    select * from {{ ref('dim_commitments') }}
),

segments as (
    select * from {{ ref('fct_contract_segments') }}
),

periods as (
    select * from {{ ref('fct_billing_periods') }}
),

charged_in_periods as (
    select * from {{ ref('int_rating__periods_charged') }}
),

-- A commitment binds for the days on which it is in force for the contract or its plan. Where fees
-- have periods of their own, it is held against those of usage.
bound as (
    select
        commitments.commitment_id,
        segments.billing_period_id,
        any_value(segments.minor_unit) as minor_unit,
        any_value(segments.full_day_count) as full_day_count,
        sum(date_diff(
            'day',
            {{ later_of('segments.segment_start_at', 'commitments.effective_from_at') }},
            {{ earlier_of('segments.segment_end_at', 'commitments.effective_to_at') }}
        )) as bound_day_count
    from commitments
    inner join segments
        on
            commitments.currency_code = segments.currency_code
            and coalesce(commitments.contract_id, segments.contract_id) = segments.contract_id
            and coalesce(commitments.plan_version_id, segments.plan_version_id)
            = segments.plan_version_id
            and segments.has_usage
            and commitments.effective_from_at < segments.segment_end_at
            and commitments.effective_to_at > segments.segment_start_at
    group by
        commitments.commitment_id,
        segments.billing_period_id
),

final as (
    select
        bound.commitment_id,
        bound.billing_period_id,
        bound.minor_unit,
        commitments.policy_decision_id,
        commitments.overage_factor,
        commitments.is_trued_up,
        charged_in_periods.fee_amount,
        charged_in_periods.charged_amount,
        {{ prorated_amount(
            'commitments.amount * coalesce(periods.month_count, 1)', 'bound.bound_day_count', 'bound.full_day_count', 'bound.minor_unit'
        ) }} as committed_amount
    from bound
    inner join commitments
        on bound.commitment_id = commitments.commitment_id
    inner join periods
        on bound.billing_period_id = periods.billing_period_id
    inner join charged_in_periods
        on
            bound.billing_period_id = charged_in_periods.billing_period_id
            and charged_in_periods.unknown_count = 0
)

select * from final

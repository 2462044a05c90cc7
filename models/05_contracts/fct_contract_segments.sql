with periods as (
    select * from {{ ref('fct_billing_periods') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

adopted as (
    select * from {{ ref('int_contracts__versions_adopted') }}
),

overrides as (
    select * from {{ ref('dim_contract_overrides') }}
),

interim_closes as (
    select * from {{ ref('dim_interim_closes') }}
),

quantities as (
    select * from {{ ref('dim_contract_quantities') }}
),

cuts as (
    select contract_id, adopted_from_at as cut_at from adopted
    union
    select contract_id, effective_from_at as cut_at from overrides
    union
    select contract_id, effective_to_at as cut_at from overrides
    union
    select contract_id, effective_from_at as cut_at from quantities
    union
    select contract_id, effective_to_at as cut_at from quantities
    union
    select contract_id, closes_at as cut_at from interim_closes
),

-- A billing period is cut where the plan's version or the terms of a line change, and where it is
-- billed so far.
starts as (
    select billing_period_id, period_start_at as segment_start_at from periods
    union
    select periods.billing_period_id, cuts.cut_at as segment_start_at
    from periods
    inner join cuts
        on
            periods.contract_id = cuts.contract_id
            and periods.period_start_at < cuts.cut_at
            and periods.period_end_at > cuts.cut_at
),

parts as (
    select
        periods.*,
        starts.segment_start_at,
        lead(starts.segment_start_at, 1, periods.period_end_at) over (
            partition by periods.billing_period_id order by starts.segment_start_at
        ) as segment_end_at
    from starts
    inner join periods
        on starts.billing_period_id = periods.billing_period_id
),

final as (
    select
        {{ content_id(['parts.contract_id', 'adopted.plan_version_id', 'parts.segment_start_at']) }}
            as segment_id,
        parts.billing_period_id,
        parts.contract_id,
        parts.tenant_id,
        adopted.plan_version_id,
        adopted.policy_decision_id,
        parts.currency_code,
        contracts.minor_unit,
        parts.period_month,
        parts.full_day_count,
        date_diff('day', parts.segment_start_at, parts.segment_end_at) as segment_day_count,
        parts.segment_start_at,
        parts.segment_end_at
    from parts
    inner join contracts
        on parts.contract_id = contracts.contract_id
    inner join adopted
        on
            parts.contract_id = adopted.contract_id
            and parts.segment_start_at >= adopted.adopted_from_at
            and parts.segment_start_at < adopted.adopted_to_at
)

select * from final

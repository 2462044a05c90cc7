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

quantities as (
    select * from {{ ref('dim_contract_quantities') }}
),

interim_closes as (
    select * from {{ ref('dim_interim_closes') }}
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
    union
    select contract_id, cast(fees_from_date as timestamp) as cut_at from periods
),

-- A billing period is cut where the plan's version or the terms of a line change, where its trial
-- ends, and where it is billed so far.
starts as (
    select billing_period_id, period_start_date as segment_start_date from periods
    union
    select periods.billing_period_id, cast(cuts.cut_at as date) as segment_start_date
    from periods
    inner join cuts
        on
            periods.contract_id = cuts.contract_id
            and periods.period_start_date < cuts.cut_at
            and periods.period_end_date > cuts.cut_at
),

parts as (
    select
        periods.*,
        starts.segment_start_date,
        lead(starts.segment_start_date, 1, periods.period_end_date) over part as segment_end_date,
        row_number() over part = 1 as is_first,
        lead(starts.segment_start_date) over part is null as is_last
    from starts
    inner join periods
        on starts.billing_period_id = periods.billing_period_id
    window part as (partition by periods.billing_period_id order by starts.segment_start_date)
),

timed as (
    select
        *,
        case
            when is_first then period_start_at
            else {{ utc_of_civil('segment_start_date', 'time_zone') }}
        end as segment_start_at,
        case
            when is_last then period_end_at
            else {{ utc_of_civil('segment_end_date', 'time_zone') }}
        end as segment_end_at
    from parts
),

final as (
    select
        case timed.covers
            when 'fee' then {{ content_id([
                'timed.contract_id', 'adopted.plan_version_id', 'timed.segment_start_at',
                'timed.covers',
            ]) }}
            else {{ content_id([
                'timed.contract_id', 'adopted.plan_version_id', 'timed.segment_start_at',
            ]) }}
        end as segment_id,
        timed.billing_period_id,
        timed.contract_id,
        timed.tenant_id,
        adopted.plan_version_id,
        adopted.policy_decision_id,
        timed.currency_code,
        contracts.minor_unit,
        timed.covers <> 'fee' as has_usage,
        timed.covers <> 'usage' and timed.segment_start_date >= timed.fees_from_date as has_fees,
        timed.period_month,
        timed.full_day_count,
        date_diff('day', timed.segment_start_date, timed.segment_end_date) as segment_day_count,
        timed.segment_start_date,
        timed.segment_end_date,
        timed.segment_start_at,
        timed.segment_end_at
    from timed
    inner join contracts
        on timed.contract_id = contracts.contract_id
    inner join adopted
        on
            timed.contract_id = adopted.contract_id
            and timed.segment_start_date >= adopted.adopted_from_at
            and timed.segment_start_date < adopted.adopted_to_at
)

select * from final

with fee_lines as (
    select * from {{ ref('int_contracts__fee_lines_held') }}
),

plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
),

overrides as (
    select * from {{ ref('dim_contract_overrides') }}
),

quantities as (
    select * from {{ ref('dim_contract_quantities') }}
),

discounts as (
    select * from {{ ref('dim_discounts') }}
),

changes as (
    select contract_id, line_code, effective_from_at, effective_to_at from overrides
    union all
    select contract_id, line_code, effective_from_at, effective_to_at from quantities
    union all
    select contract_id, line_code, effective_from_at, effective_to_at from discounts
),

cuts as (
    select contract_id, line_code, cast(effective_from_at as date) as cut_date from changes
    union
    select contract_id, line_code, cast(effective_to_at as date) as cut_date from changes
),

starts as (
    select contract_id, line_code, from_date as held_from_date, from_date from fee_lines
    union
    select
        fee_lines.contract_id,
        fee_lines.line_code,
        fee_lines.from_date as held_from_date,
        cuts.cut_date as from_date
    from fee_lines
    inner join cuts
        on
            (cuts.contract_id is null or fee_lines.contract_id = cuts.contract_id)
            and (cuts.line_code is null or fee_lines.line_code = cuts.line_code)
            and fee_lines.from_date < cuts.cut_date
            and fee_lines.to_date > cuts.cut_date
),

ranges as (
    select
        fee_lines.*,
        starts.from_date as range_from_date,
        lead(starts.from_date, 1, fee_lines.to_date) over (
            partition by starts.contract_id, starts.line_code, starts.held_from_date
            order by starts.from_date
        ) as range_to_date
    from starts
    inner join fee_lines
        on
            starts.contract_id = fee_lines.contract_id
            and starts.line_code = fee_lines.line_code
            and starts.held_from_date = fee_lines.from_date
),

-- An override puts the terms of another line in the place of a line's own.
final as (
    select
        {{ content_id(['ranges.contract_id', 'ranges.line_code', 'ranges.range_from_date']) }}
            as fee_rate_id,
        ranges.contract_id,
        ranges.tenant_id,
        ranges.plan_version_id,
        plan_lines.plan_line_id,
        ranges.line_code,
        plan_lines.pack_id,
        plan_lines.charge_model,
        plan_lines.priced_interval,
        ranges.currency_code,
        ranges.is_internal,
        ranges.is_trial,
        ranges.range_from_date as from_date,
        ranges.range_to_date as to_date,
        greatest(ranges.recorded_at, overrides.recorded_at) as recorded_at,
        coalesce(overrides.policy_decision_id, ranges.policy_decision_id) as policy_decision_id
    from ranges
    left join overrides
        on
            ranges.contract_id = overrides.contract_id
            and ranges.line_code = overrides.line_code
            and ranges.range_from_date >= overrides.effective_from_at
            and ranges.range_from_date < overrides.effective_to_at
    inner join plan_lines
        on coalesce(overrides.plan_line_id, ranges.plan_line_id) = plan_lines.plan_line_id
)

select * from final

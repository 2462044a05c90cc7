with segments as (
    select * from {{ ref('fct_contract_segments') }}
),

plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
),

contract_packs as (
    select * from {{ ref('dim_contract_packs') }}
),

overrides as (
    select * from {{ ref('dim_contract_overrides') }}
),

terms as (
    select * from {{ ref('fct_plan_line_terms') }}
),

-- An override puts the terms of another line in the place of a line's own.
included as (
    select
        segments.*,
        plan_lines.line_code,
        plan_lines.line_kind,
        {{ content_id(['segments.segment_id', 'plan_lines.plan_line_id']) }} as contract_line_id,
        coalesce(overrides.plan_line_id, plan_lines.plan_line_id) as terms_line_id,
        coalesce(overrides.policy_decision_id, segments.policy_decision_id) as line_decision_id
    from segments
    inner join plan_lines
        on segments.plan_version_id = plan_lines.plan_version_id
    inner join contract_packs
        on
            segments.contract_id = contract_packs.contract_id
            and plan_lines.pack_id = contract_packs.pack_id
    left join overrides
        on
            segments.contract_id = overrides.contract_id
            and plan_lines.line_code = overrides.line_code
            and segments.segment_start_date >= overrides.effective_from_at
            and segments.segment_start_date < overrides.effective_to_at
    where
        (plan_lines.line_kind = 'usage' and segments.has_usage)
        or (plan_lines.line_kind <> 'usage' and segments.has_fees)
),

-- What is charged once is charged with the first part of the contract that has it.
counted as (
    select
        *,
        row_number() over (
            partition by contract_id, line_code order by segment_start_at
        ) as part_number
    from included
),

final as (
    select
        counted.contract_line_id,
        counted.segment_id,
        counted.billing_period_id,
        counted.contract_id,
        counted.tenant_id,
        counted.plan_version_id,
        counted.line_decision_id as policy_decision_id,
        plan_lines.plan_line_id,
        counted.line_code,
        counted.line_kind,
        plan_lines.pack_id,
        plan_lines.meter_id,
        plan_lines.charge_model,
        plan_lines.environments,
        case plan_lines.charge_model when 'matrix' then 'group' else plan_lines.tiers_per end
            as tiers_per,
        plan_lines.description,
        case when plan_lines.split_rating = 'cumulative' then terms.terms_key end as run_key,
        counted.currency_code,
        counted.minor_unit,
        counted.period_month,
        counted.full_day_count,
        counted.segment_day_count,
        plan_lines.free_quantity,
        plan_lines.package_size,
        counted.segment_start_date,
        counted.segment_end_date,
        counted.segment_start_at,
        counted.segment_end_at
    from counted
    inner join plan_lines
        on counted.terms_line_id = plan_lines.plan_line_id
    left join terms
        on
            counted.terms_line_id = terms.plan_line_id
            and counted.currency_code = terms.currency_code
    where counted.line_kind <> 'one_time' or counted.part_number = 1
)

select * from final

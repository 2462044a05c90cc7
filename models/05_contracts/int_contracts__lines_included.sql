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
    select * from {{ ref('stg_catalogue__contract_overrides') }}
),

terms as (
    select * from {{ ref('fct_plan_line_terms') }}
),

-- An override puts the terms of another line in the place of a line's own.
included as (
    select
        segments.*,
        plan_lines.line_code,
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
            and segments.segment_start_at >= overrides.effective_from_at
            and segments.segment_start_at < overrides.effective_to_at
),

final as (
    select
        included.contract_line_id,
        included.segment_id,
        included.billing_period_id,
        included.contract_id,
        included.tenant_id,
        included.plan_version_id,
        included.line_decision_id as policy_decision_id,
        plan_lines.plan_line_id,
        included.line_code,
        plan_lines.line_kind,
        plan_lines.pack_id,
        plan_lines.meter_id,
        plan_lines.charge_model,
        plan_lines.environments,
        case plan_lines.charge_model when 'matrix' then 'group' else plan_lines.tiers_per end
            as tiers_per,
        plan_lines.description,
        case when plan_lines.split_rating = 'cumulative' then terms.terms_key end as run_key,
        included.currency_code,
        included.minor_unit,
        included.period_month,
        included.full_day_count,
        included.segment_day_count,
        plan_lines.free_quantity,
        plan_lines.package_size,
        included.segment_start_at,
        included.segment_end_at
    from included
    inner join plan_lines
        on included.terms_line_id = plan_lines.plan_line_id
    left join terms
        on
            included.terms_line_id = terms.plan_line_id
            and included.currency_code = terms.currency_code
)

select * from final

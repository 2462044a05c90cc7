with segments as (
    select * from {{ ref('fct_contract_segments') }}
),

plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
),

contract_packs as (
    select * from {{ ref('dim_contract_packs') }}
),

-- The spine of fees and rating: every plan line that a segment's packs include, used or not.
final as (
    select
        {{ content_id(['segments.segment_id', 'plan_lines.plan_line_id']) }} as contract_line_id,
        segments.segment_id,
        segments.billing_period_id,
        segments.contract_id,
        segments.tenant_id,
        segments.plan_version_id,
        segments.policy_decision_id,
        plan_lines.plan_line_id,
        plan_lines.line_kind,
        plan_lines.pack_id,
        plan_lines.meter_id,
        plan_lines.charge_model,
        plan_lines.environments,
        plan_lines.description,
        segments.currency_code,
        segments.minor_unit,
        segments.period_month,
        segments.full_day_count,
        segments.segment_day_count,
        plan_lines.free_quantity,
        plan_lines.package_size,
        segments.segment_start_at,
        segments.segment_end_at
    from segments
    inner join plan_lines
        on segments.plan_version_id = plan_lines.plan_version_id
    inner join contract_packs
        on
            segments.contract_id = contract_packs.contract_id
            and plan_lines.pack_id = contract_packs.pack_id
)

select * from final

{%- set of_terms = [
    'plan_line_id', 'plan_version_id', 'meter_id', 'pack_id', 'charge_model', 'environments',
    'description', 'free_quantity', 'package_size', 'policy_decision_id',
] -%}
with contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
    where line_kind = 'usage'
),

states as (
    select *, coalesce(known_to_at, timestamp 'infinity') as known_until_at
    from {{ ref('int_rating__line_states') }}
),

segments_closed as (
    select * from {{ ref('int_rating__segments_closed') }}
),

terms_corrected as (
    select * from {{ ref('int_rating__terms_corrected') }}
),

plan_lines as (
    select plan_lines.*, plan_versions.policy_decision_id
    from {{ ref('dim_plan_lines') }} as plan_lines
    inner join {{ ref('dim_plan_versions') }} as plan_versions
        on plan_lines.plan_version_id = plan_versions.plan_version_id
),

known as (
    select
        contract_lines.*,
        states.known_line_id,
        states.known_to_at,
        case when states.known_to_at is not null then contract_lines.plan_line_id end
            as replaced_plan_line_id,
        case
            when segments_closed.closed_at is null then 'in_progress'
            else coalesce(states.reason, 'segment_ended')
        end as reason,
        coalesce(states.known_from_at, segments_closed.closed_at) as known_from_at
    from contract_lines
    left join states
        on contract_lines.contract_line_id = states.contract_line_id
    left join segments_closed
        on contract_lines.segment_end_at = segments_closed.segment_end_at
),

-- Each state of a line is rated as if it were a line, from what had landed by then and at the
-- prices that were in force. The joins have no condition but comparisons of two columns: with any
-- other, each line is held against each state.
final as (
    select
        coalesce(known.known_line_id, known.contract_line_id) as contract_line_id,
        known.contract_line_id as present_line_id,
        coalesce(former.known_line_id, known.former_contract_line_id) as former_contract_line_id,
        {% for column in of_terms -%}
            coalesce(plan_lines.{{ column }}, known.{{ column }}) as {{ column }},
        {% endfor -%}
        case plan_lines.charge_model
            when 'matrix' then 'group'
            else coalesce(plan_lines.tiers_per, known.tiers_per)
        end as tiers_per,
        known.segment_id,
        known.billing_period_id,
        known.contract_id,
        known.tenant_id,
        known.line_code,
        known.is_run_end,
        known.known_line_id is not null as is_rerated,
        known.line_kind,
        known.currency_code,
        known.minor_unit,
        known.period_month,
        known.full_day_count,
        known.segment_day_count,
        known.rated_day_count,
        known.rated_from_at,
        known.segment_start_at,
        known.segment_end_at,
        known.known_to_at,
        known.reason,
        known.known_from_at,
        case when known.known_to_at is not null then known.known_from_at end as landed_until_at
    from known
    left join terms_corrected
        on
            known.replaced_plan_line_id = terms_corrected.plan_line_id
            and known.plan_version_id = terms_corrected.plan_version_id
            and known.known_from_at >= terms_corrected.known_from_at
            and known.known_from_at < terms_corrected.known_to_at
    left join plan_lines
        on terms_corrected.former_plan_line_id = plan_lines.plan_line_id
    left join states as former
        on
            known.former_contract_line_id = former.contract_line_id
            and known.known_from_at >= former.known_from_at
            and known.known_from_at < former.known_until_at
)

select * from final

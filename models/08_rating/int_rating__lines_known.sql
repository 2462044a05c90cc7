{%- set of_terms = [
    'plan_line_id', 'plan_version_id', 'meter_id', 'pack_id', 'charge_model', 'environments',
    'description', 'free_quantity', 'package_size',
] -%}
with contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
    where line_kind = 'usage'
),

touched as (
    select * from {{ ref('int_rating__lines_touched') }}
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

states as (
    select
        contract_line_id,
        'segment_ended' as reason,
        closed_at as known_from_at
    from touched
    union
    select
        contract_line_id,
        reason,
        known_from_at
    from touched
),

followed as (
    select
        *,
        lead(known_from_at) over (partition by contract_line_id order by known_from_at)
            as known_to_at
    from states
),

-- The present state of a line has the id of the line itself.
named as (
    select
        *,
        case
            when known_to_at is null then contract_line_id
            else {{ content_id(['contract_line_id', 'known_from_at']) }}
        end as known_line_id
    from followed
),

known as (
    select
        contract_lines.*,
        named.known_line_id,
        named.known_to_at,
        case
            when segments_closed.closed_at is null then 'in_progress'
            else coalesce(named.reason, 'segment_ended')
        end as reason,
        coalesce(named.known_from_at, segments_closed.closed_at) as known_from_at
    from contract_lines
    left join named
        on contract_lines.contract_line_id = named.contract_line_id
    left join segments_closed
        on contract_lines.segment_end_at = segments_closed.segment_end_at
),

-- Each state of a line is rated as if it were a line, from what had landed by then and at the
-- prices that were in force.
final as (
    select
        known.* exclude (known_line_id) replace (
            {% for column in of_terms -%}
                coalesce(plan_lines.{{ column }}, known.{{ column }}) as {{ column }},
            {% endfor -%}
            case plan_lines.charge_model
                when 'matrix' then 'group'
                else coalesce(plan_lines.tiers_per, known.tiers_per)
            end as tiers_per,
            coalesce(plan_lines.policy_decision_id, known.policy_decision_id)
                as policy_decision_id,
            coalesce(known.known_line_id, known.contract_line_id) as contract_line_id,
            coalesce(former.known_line_id, known.former_contract_line_id)
                as former_contract_line_id
        ),
        known.contract_line_id as present_line_id,
        case when known.known_to_at is not null then known.known_from_at end as landed_until_at
    from known
    left join terms_corrected
        on
            known.known_to_at is not null
            and known.plan_line_id = terms_corrected.plan_line_id
            and known.plan_version_id = terms_corrected.plan_version_id
            and known.known_from_at >= terms_corrected.known_from_at
            and known.known_from_at < terms_corrected.known_to_at
    left join plan_lines
        on terms_corrected.former_plan_line_id = plan_lines.plan_line_id
    left join named as former
        on
            known.former_contract_line_id = former.contract_line_id
            and known.known_from_at >= former.known_from_at
            and (former.known_to_at is null or known.known_from_at < former.known_to_at)
)

select * from final

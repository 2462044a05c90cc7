with contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
    where line_kind = 'usage'
),

unit_grants as (
    select * from {{ ref('dim_unit_grants') }}
),

segments_closed as (
    select * from {{ ref('int_rating__segments_closed') }}
),

-- What was drawn from grants is known of the present only, and so is what draws from them.
final as (
    select
        contract_lines.contract_line_id,
        contract_lines.billing_period_id,
        contract_lines.line_code,
        contract_lines.plan_line_id,
        contract_lines.plan_version_id,
        contract_lines.tenant_id,
        contract_lines.meter_id,
        contract_lines.environments,
        contract_lines.rated_from_at,
        contract_lines.segment_start_at,
        contract_lines.segment_end_at,
        segments_closed.closed_at
    from contract_lines
    inner join segments_closed
        on contract_lines.segment_end_at = segments_closed.segment_end_at
    where contract_lines.contract_id not in (select unit_grants.contract_id from unit_grants)
)

select * from final

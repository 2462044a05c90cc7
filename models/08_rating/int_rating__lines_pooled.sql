with contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

rated_units as (
    select * from {{ ref('fct_rated_units') }}
),

plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
),

families as (
    select * from {{ ref('dim_tenant_families') }}
),

-- A tenant is in the pool of the family that it belongs to when the segment begins; one without a
-- family is charged alone.
final as (
    select
        contract_lines.contract_line_id,
        {{ content_id([
            'families.family_id',
            'contract_lines.plan_line_id',
            'contract_lines.currency_code',
            'contract_lines.period_month',
        ]) }} as pool_id,
        families.family_id,
        contract_lines.contract_id,
        contract_lines.tenant_id,
        contract_lines.plan_line_id,
        contract_lines.charge_model,
        contract_lines.package_size,
        contract_lines.currency_code,
        contract_lines.period_month,
        rated_units.billable_quantity,
        families.policy_decision_id
    from contract_lines
    inner join rated_units
        on contract_lines.contract_line_id = rated_units.contract_line_id
    inner join plan_lines
        on contract_lines.plan_line_id = plan_lines.plan_line_id
    inner join families
        on
            contract_lines.tenant_id = families.tenant_id
            and contract_lines.segment_start_at >= families.effective_from_at
            and contract_lines.segment_start_at < families.effective_to_at
    where plan_lines.pooled_over = 'family'
)

select * from final

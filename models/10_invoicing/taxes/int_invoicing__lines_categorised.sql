with contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
),

-- Like the rate, the category is that of the last day of the period.
final as (
    select
        contract_lines.billing_period_id,
        contract_lines.line_code,
        max_by(plan_lines.tax_category, contract_lines.segment_start_at) as tax_category
    from contract_lines
    inner join plan_lines
        on contract_lines.plan_line_id = plan_lines.plan_line_id
    group by
        contract_lines.billing_period_id,
        contract_lines.line_code
)

select * from final

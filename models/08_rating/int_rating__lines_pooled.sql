with lines_metered as (
    select * from {{ ref('int_rating__lines_metered') }}
),

plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
),

families as (
    select * from {{ ref('stg_catalogue__tenant_families') }}
),

-- A tenant is in the pool of the family that it belongs to when the segment begins; one without a
-- family is charged alone.
final as (
    select
        lines_metered.contract_line_id,
        {{ content_id([
            'families.family_id',
            'lines_metered.plan_line_id',
            'lines_metered.currency_code',
            'lines_metered.period_month',
        ]) }} as pool_id,
        families.family_id,
        lines_metered.contract_id,
        lines_metered.tenant_id,
        lines_metered.plan_line_id,
        lines_metered.charge_model,
        lines_metered.package_size,
        lines_metered.currency_code,
        lines_metered.period_month,
        lines_metered.billable_quantity,
        families.policy_decision_id
    from lines_metered
    inner join plan_lines
        on lines_metered.plan_line_id = plan_lines.plan_line_id
    inner join families
        on
            lines_metered.tenant_id = families.tenant_id
            and lines_metered.segment_start_at >= families.effective_from_at
            and lines_metered.segment_start_at < families.effective_to_at
    where plan_lines.pooled_over = 'family'
)

select * from final

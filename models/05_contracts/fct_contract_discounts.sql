with lines_included as (
    select * from {{ ref('int_contracts__lines_included') }}
),

discounts as (
    select * from {{ ref('dim_discounts') }}
),

-- A discount holds for the parts of a period that begin while it is in force.
agreed as (
    select
        lines_included.contract_line_id,
        discounts.discount_id,
        discounts.sequence,
        discounts.discount_ratio,
        discounts.policy_decision_id
    from lines_included
    inner join discounts
        on
            (discounts.contract_id is null or lines_included.contract_id = discounts.contract_id)
            and (
                discounts.plan_version_id is null
                or lines_included.plan_version_id = discounts.plan_version_id
            )
            and (discounts.line_code is null or lines_included.line_code = discounts.line_code)
            and (discounts.pack_id is null or lines_included.pack_id = discounts.pack_id)
            and lines_included.segment_start_date >= discounts.effective_from_at
            and lines_included.segment_start_date < discounts.effective_to_at
),

-- Each takes its part of what the ones before it leave.
final as (
    select
        contract_line_id,
        discount_id,
        row_number() over (
            partition by contract_line_id order by sequence, discount_id
        ) as step_number,
        discount_ratio,
        {{ running_product('1 - discount_ratio', 'contract_line_id', 'sequence, discount_id') }}
            as share_left_ratio,
        policy_decision_id
    from agreed
)

select * from final

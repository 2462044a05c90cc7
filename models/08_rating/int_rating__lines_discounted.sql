with rated_charges as (
    select * from {{ ref('fct_rated_charges') }}
),

rated_lines as (
    select * from {{ ref('fct_rated_lines') }}
),

contract_discounts as (
    select * from {{ ref('fct_contract_discounts') }}
),

-- Each discount is what the amount left, at nine decimals, falls by; so they add up.
left_over as (
    select
        rated_charges.contract_line_id,
        rated_charges.group_value,
        contract_discounts.discount_id,
        contract_discounts.step_number,
        contract_discounts.discount_ratio,
        contract_discounts.policy_decision_id,
        cast(round(rated_charges.usage_amount + rated_charges.fair_use_amount, 9) as decimal(28, 9))
            as amount,
        {{ left_by_discounts(
            'rated_charges.usage_amount + rated_charges.fair_use_amount',
            'contract_discounts.share_left_ratio',
        ) }} as left_amount
    from rated_charges
    inner join rated_lines
        on rated_charges.contract_line_id = rated_lines.contract_line_id
    inner join contract_discounts
        on rated_lines.present_line_id = contract_discounts.contract_line_id
    where rated_charges.usage_amount is not null
),

final as (
    select
        contract_line_id,
        group_value,
        discount_id,
        step_number,
        discount_ratio,
        policy_decision_id,
        cast(
            lag(left_amount, 1, amount) over (
                partition by contract_line_id, group_value order by step_number
            ) - left_amount as decimal(38, 18)
        ) as discount_amount
    from left_over
)

select * from final

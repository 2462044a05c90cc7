with rated_charges as (
    select * from {{ ref('fct_rated_charges') }}
),

lines_discounted as (
    select contract_line_id, group_value, sum(discount_amount) as discount_amount
    from {{ ref('int_rating__lines_discounted') }}
    group by contract_line_id, group_value
),

windows_committed as (
    select * from {{ ref('int_rating__windows_committed') }}
),

contract_lines as (
    select * from {{ ref('fct_rated_lines') }}
),

final as (
    select
        rated_charges.contract_line_id,
        rated_charges.group_value,
        rated_charges.plan_line_id,
        rated_charges.currency_code,
        rated_charges.quantity,
        rated_charges.allowance_quantity,
        rated_charges.excess_quantity,
        rated_charges.billable_quantity,
        rated_charges.event_count,
        rated_charges.event_digest,
        rated_charges.top_unit_price,
        rated_charges.usage_amount,
        rated_charges.fair_use_amount,
        contract_lines.tiers_per = 'group' as is_grouped,
        contract_lines.is_run_end,
        contract_lines.minor_unit,
        contract_lines.rated_day_count,
        contract_lines.full_day_count,
        coalesce(windows_committed.overage_amount, 0) as window_overage_amount,
        coalesce(windows_committed.true_up_amount, 0) as window_true_up_amount,
        coalesce(lines_discounted.discount_amount, 0) as discount_amount,
        cast(
            rated_charges.usage_amount + rated_charges.fair_use_amount
            + coalesce(windows_committed.overage_amount, 0)
            + coalesce(windows_committed.true_up_amount, 0)
            - coalesce(lines_discounted.discount_amount, 0) as decimal(38, 18)
        ) as discounted_amount
    from rated_charges
    inner join contract_lines
        on rated_charges.contract_line_id = contract_lines.contract_line_id
    left join windows_committed
        on
            rated_charges.contract_line_id = windows_committed.contract_line_id
            and rated_charges.group_value = windows_committed.group_value
    left join lines_discounted
        on
            rated_charges.contract_line_id = lines_discounted.contract_line_id
            and rated_charges.group_value = lines_discounted.group_value
)

select * from final

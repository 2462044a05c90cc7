with rated_charges as (
    select * from {{ ref('fct_rated_charges') }}
),

lines_discounted as (
    select
        contract_line_id,
        group_value,
        sum(discount_amount) as discount_amount
    from {{ ref('int_rating__lines_discounted') }}
    group by
        contract_line_id,
        group_value
),

windows_committed as (
    select * from {{ ref('int_rating__windows_committed') }}
),

contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

terms as (
    select * from {{ ref('fct_plan_line_terms') }}
),

discounted as (
    select
        rated_charges.*,
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
    left join windows_committed
        on
            rated_charges.contract_line_id = windows_committed.contract_line_id
            and rated_charges.group_value = windows_committed.group_value
    left join lines_discounted
        on
            rated_charges.contract_line_id = lines_discounted.contract_line_id
            and rated_charges.group_value = lines_discounted.group_value
),

-- A part is brought up to nothing before the run is over; nor is a grouped line without a group.
bounded as (
    select
        discounted.*,
        terms.overage_factor,
        terms.is_trued_up and contract_lines.is_run_end and not discounted.is_without_group
            as is_trued_up,
        case when contract_lines.is_run_end then {{ prorated_terms('terms.minimum_amount') }} end
            as minimum_amount,
        {{ prorated_terms('terms.maximum_amount') }} as maximum_amount,
        case
            when coalesce(terms.commitment_window, 'segment') = 'segment'
                then {{ prorated_terms(committed_amount('discounted.top_unit_price')) }}
        end as committed_amount
    from discounted
    inner join contract_lines
        on discounted.contract_line_id = contract_lines.contract_line_id
    left join terms
        on
            discounted.plan_line_id = terms.plan_line_id
            and discounted.currency_code = terms.currency_code
),

raised as (
    select
        *,
        case
            when is_without_group then 0
            else coalesce(greatest(minimum_amount - discounted_amount, 0), 0)
        end as minimum_step_amount,
        least(
            coalesce(maximum_amount - greatest(discounted_amount, coalesce(minimum_amount, 0)), 0),
            0
        ) as maximum_step_amount
    from bounded
),

final as (
    select
        contract_line_id,
        group_value,
        quantity,
        allowance_quantity,
        excess_quantity,
        billable_quantity,
        event_count,
        event_digest,
        usage_amount,
        fair_use_amount,
        window_overage_amount,
        window_true_up_amount,
        discount_amount,
        minimum_step_amount,
        maximum_step_amount,
        {{ overage_amount('(discounted_amount + minimum_step_amount + maximum_step_amount)') }}
            as overage_amount,
        {{ true_up_amount('(discounted_amount + minimum_step_amount + maximum_step_amount)') }}
            as true_up_amount,
        discounted_amount + minimum_step_amount + maximum_step_amount as bounded_amount
    from raised
)

select * from final

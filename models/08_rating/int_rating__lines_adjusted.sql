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

-- Bounds and commitments are of the line: one with groups is held against them as a whole, and
-- what that changes stands with its first group. A part is brought up to nothing before the run is
-- over.
bounded as (
    select
        discounted.*,
        terms.overage_factor,
        row_number() over (line order by discounted.group_value) = 1 as is_first_group,
        case
            when count(*) over line = count(discounted.discounted_amount) over line
                then sum(discounted.discounted_amount) over line
        end as line_amount,
        terms.is_trued_up and contract_lines.is_run_end as is_trued_up,
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
    window line as (partition by discounted.contract_line_id)
),

raised as (
    select
        *,
        coalesce(greatest(minimum_amount - line_amount, 0), 0) as line_minimum_amount,
        least(
            coalesce(maximum_amount - greatest(line_amount, coalesce(minimum_amount, 0)), 0), 0
        ) as line_maximum_amount
    from bounded
),

held as (
    select
        *,
        {{ overage_amount('(line_amount + line_minimum_amount + line_maximum_amount)') }}
            as line_overage_amount,
        {{ true_up_amount('(line_amount + line_minimum_amount + line_maximum_amount)') }}
            as line_true_up_amount
    from raised
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
        {% for step in ['minimum', 'maximum', 'overage', 'true_up'] -%}
            case when is_first_group then line_{{ step }}_amount else 0 end
                as {{ step }}_step_amount,
        {% endfor -%}
        discounted_amount
    from held
)

select * from final

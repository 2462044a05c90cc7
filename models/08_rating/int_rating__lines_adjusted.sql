{%- set steps = ['minimum', 'maximum', 'overage', 'true_up'] -%}
with contract_lines as (
    select * from {{ ref('int_rating__charges_discounted') }}
),

terms as (
    select * from {{ ref('fct_plan_line_terms') }}
),

-- Bounds and commitments are of the line: one with groups is held against them as a whole, and
-- what that changes stands with its first group.
grouped as (
    select
        contract_line_id,
        min(group_value) as first_group_value,
        case when count(*) = count(discounted_amount) then sum(discounted_amount) end as amount
    from {{ ref('int_rating__charges_discounted') }}
    where is_grouped
    group by contract_line_id
),

-- A part is brought up to nothing before the run is over.
bounded as (
    select
        contract_lines.*,
        terms.overage_factor,
        coalesce(contract_lines.group_value = grouped.first_group_value, true) as is_first_group,
        case
            when contract_lines.is_grouped then grouped.amount
            else contract_lines.discounted_amount
        end as line_amount,
        terms.is_trued_up and contract_lines.is_run_end as is_trued_up,
        case when contract_lines.is_run_end then {{ prorated_terms('terms.minimum_amount') }} end
            as minimum_amount,
        {{ prorated_terms('terms.maximum_amount') }} as maximum_amount,
        case
            when coalesce(terms.commitment_window, 'segment') = 'segment'
                then {{ prorated_terms(committed_amount('contract_lines.top_unit_price')) }}
        end as committed_amount
    from contract_lines
    left join grouped
        on contract_lines.is_grouped and contract_lines.contract_line_id = grouped.contract_line_id
    left join terms
        on
            contract_lines.plan_line_id = terms.plan_line_id
            and contract_lines.currency_code = terms.currency_code
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
        {% for step in steps -%}
            case when is_first_group then line_{{ step }}_amount else 0 end
                as {{ step }}_step_amount,
        {% endfor -%}
        cast(
            discounted_amount
            {% for step in steps -%}
                + case when is_first_group then line_{{ step }}_amount else 0 end
            {% endfor -%}
            as decimal(38, 18)
        ) as run_amount
    from held
)

select * from final

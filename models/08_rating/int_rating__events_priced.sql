with contract_lines as (
    select * from {{ ref('fct_rated_lines') }}
),

plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
),

terms as (
    select * from {{ ref('fct_plan_line_terms') }}
    where is_priced_by_event
),

plan_tiers as (
    select * from {{ ref('fct_plan_tiers') }}
    where tier_number = 1 and group_value = ''
),

values_known as (
    select * from {{ ref('int_rating__values_known') }}
    where is_member
),

event_amounts as (
    select * from {{ ref('int_rating__event_amounts_read') }}
),

final as (
    select
        contract_lines.contract_line_id,
        plan_lines.charge_model,
        plan_tiers.unit_price,
        terms.free_event_count,
        terms.free_event_amount,
        terms.fixed_amount_per_event,
        terms.minimum_amount_per_event,
        terms.maximum_amount_per_event,
        case
            when plan_lines.amount_key is null then values_known.quantity
            else event_amounts.amount
        end as event_amount,
        row_number() over in_order as event_number,
        sum(case
            when plan_lines.amount_key is null then values_known.quantity
            else event_amounts.amount
        end) over in_order as running_amount
    from contract_lines
    inner join plan_lines
        on contract_lines.plan_line_id = plan_lines.plan_line_id
    inner join terms
        on
            contract_lines.plan_line_id = terms.plan_line_id
            and contract_lines.currency_code = terms.currency_code
    inner join plan_tiers
        on
            contract_lines.plan_line_id = plan_tiers.plan_line_id
            and contract_lines.currency_code = plan_tiers.currency_code
    inner join values_known
        on contract_lines.contract_line_id = values_known.contract_line_id
    left join event_amounts
        on
            contract_lines.plan_line_id = event_amounts.plan_line_id
            and values_known.tenant_id = event_amounts.tenant_id
            and values_known.event_id = event_amounts.event_id
    window
        in_order as (
            partition by contract_lines.contract_line_id
            order by values_known.metered_at, values_known.event_id
            rows between unbounded preceding and current row
        )
)

select * from final

with contract_lines as (
    select * from {{ ref('fct_rated_lines') }}
),

units_counted as (
    select * from {{ ref('int_rating__units_counted') }}
),

units_granted as (
    select * from {{ ref('int_rating__units_granted') }}
),

terms as (
    select * from {{ ref('fct_plan_line_terms') }}
),

-- Every usage line has a row, used or not. A part of a period gets that part of the allowance and
-- of the cap on fair use.
spine as (
    select
        contract_lines.contract_line_id,
        contract_lines.plan_line_id,
        contract_lines.currency_code,
        coalesce(units_counted.group_value, '') as group_value,
        coalesce(units_counted.window_start_at, contract_lines.rated_from_at) as window_start_at,
        contract_lines.tiers_per = 'group' and units_counted.group_value is null
            as is_without_group,
        terms.is_priced_by_event,
        terms.fair_use_policy,
        coalesce(units_counted.quantity, 0) as quantity,
        coalesce(units_counted.priced_quantity, 0) as priced_quantity,
        coalesce(units_counted.event_count, 0) as event_count,
        coalesce(units_counted.event_digest, 0) as event_digest,
        coalesce(units_granted.granted_quantity, 0) as granted_quantity,
        {{ prorated_quantity('contract_lines.free_quantity') }} as allowance_quantity,
        {{ prorated_quantity('terms.fair_use_quantity') }} as fair_use_quantity
    from contract_lines
    left join units_counted
        on contract_lines.contract_line_id = units_counted.contract_line_id
    left join units_granted
        on contract_lines.contract_line_id = units_granted.contract_line_id
    left join terms
        on
            contract_lines.plan_line_id = terms.plan_line_id
            and contract_lines.currency_code = terms.currency_code
    where contract_lines.line_kind = 'usage'
),

capped as (
    select
        *,
        case
            when fair_use_policy in ('block', 'overage')
                then cast(greatest(priced_quantity - fair_use_quantity, 0) as decimal(38, 9))
            else 0
        end as excess_quantity
    from spine
),

final as (
    select
        contract_line_id,
        group_value,
        window_start_at,
        plan_line_id,
        currency_code,
        is_without_group,
        coalesce(is_priced_by_event, false) as is_priced_by_event,
        quantity,
        priced_quantity,
        allowance_quantity,
        granted_quantity,
        fair_use_policy,
        cast(fair_use_quantity as decimal(22, 9)) as fair_use_quantity,
        excess_quantity,
        cast(
            greatest(
                priced_quantity - excess_quantity - allowance_quantity - granted_quantity, 0
            ) as decimal(38, 9)
        ) as billable_quantity,
        event_count,
        event_digest
    from capped
)

select * from final

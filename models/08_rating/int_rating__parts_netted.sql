with contract_lines as (
    select * from {{ ref('fct_rated_lines') }}
),

lines_adjusted as (
    select * from {{ ref('int_rating__lines_adjusted') }}
),

-- Nearly all lines are the first of their run, so that few are looked up.
former_lines as (
    select * from {{ ref('int_rating__lines_adjusted') }}
    where
        contract_line_id in (
            select rated_lines.former_contract_line_id
            from {{ ref('fct_rated_lines') }} as rated_lines
            where rated_lines.former_contract_line_id is not null
        )
),

-- What a part adds is what all so far comes to, less what it came to before.
final as (
    select
        lines_adjusted.contract_line_id,
        contract_lines.present_line_id,
        lines_adjusted.group_value,
        contract_lines.is_rerated,
        contract_lines.reason,
        contract_lines.known_from_at,
        contract_lines.known_to_at,
        case lines_adjusted.group_value
            when '' then '{}' else {{ json_text({'group': 'lines_adjusted.group_value'}) }}
        end as dimensions,
        cast(lines_adjusted.quantity - coalesce(former.quantity, 0) as decimal(38, 9)) as quantity,
        lines_adjusted.allowance_quantity,
        cast(
            lines_adjusted.billable_quantity - coalesce(former.billable_quantity, 0)
            as decimal(38, 9)
        ) as billable_quantity,
        cast(lines_adjusted.event_count - coalesce(former.event_count, 0) as bigint)
            as event_count,
        cast(lines_adjusted.event_digest - coalesce(former.event_digest, 0) as hugeint)
            as event_digest,
        cast(
            lines_adjusted.usage_amount + lines_adjusted.fair_use_amount
            - coalesce(former.usage_amount + former.fair_use_amount, 0) as decimal(38, 18)
        ) as gross_amount,
        cast(case
            when lines_adjusted.run_amount is not null
                then lines_adjusted.discount_amount - coalesce(former.discount_amount, 0)
        end as decimal(38, 18)) as discount_amount,
        coalesce(former.run_amount, 0) as already_rated_amount,
        cast(lines_adjusted.run_amount - coalesce(former.run_amount, 0) as decimal(38, 18))
            as net_amount
    from contract_lines
    inner join lines_adjusted
        on contract_lines.contract_line_id = lines_adjusted.contract_line_id
    left join former_lines as former
        on
            contract_lines.former_contract_line_id = former.contract_line_id
            and lines_adjusted.group_value = former.group_value
)

select * from final

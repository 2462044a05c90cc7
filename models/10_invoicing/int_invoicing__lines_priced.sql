with contract_fees as (
    select * from {{ ref('fct_contract_fees') }}
),

contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

rated_usage as (
    select * from {{ ref('fct_rated_usage') }}
),

charges_beside as (
    select * from {{ ref('int_invoicing__charges_beside') }}
),

fees as (
    select
        billing_period_id,
        contract_line_id as charge_id,
        'fee' as line_type,
        pack_id,
        plan_line_id,
        description,
        cast(quantity as decimal(38, 9)) as quantity,
        amount as exact_amount,
        amount,
        segment_start_at,
        cast(null as varchar) as rated_usage_id,
        cast(null as varchar) as receipt_id
    from contract_fees
),

-- The one rounding of a usage amount happens here; parts that are rated as one add up to it.
usage as (
    select
        contract_lines.billing_period_id,
        rated_usage.rated_usage_id as charge_id,
        'usage' as line_type,
        contract_lines.pack_id,
        contract_lines.plan_line_id,
        concat_ws(', ', contract_lines.description, nullif(rated_usage.group_value, ''))
            as description,
        rated_usage.quantity,
        rated_usage.net_amount as exact_amount,
        {{ rounded_part('rated_usage', 'contract_lines.minor_unit') }} as amount,
        contract_lines.segment_start_at,
        rated_usage.rated_usage_id,
        rated_usage.receipt_id
    from contract_lines
    inner join rated_usage
        on contract_lines.contract_line_id = rated_usage.contract_line_id
    where
        rated_usage.status = 'rated'
        and rated_usage.is_current
),

lines as (
    select * from fees
    union all
    select * from usage
    union all
    select * from charges_beside
),

final as (
    select
        billing_period_id,
        charge_id,
        row_number() over (
            partition by billing_period_id
            order by
                pack_id, line_type, plan_line_id, segment_start_at, description, charge_id
        ) as line_number,
        line_type,
        pack_id,
        description,
        quantity,
        cast(exact_amount as decimal(38, 18)) as exact_amount,
        amount,
        segment_start_at,
        rated_usage_id,
        receipt_id
    from lines
)

select * from final

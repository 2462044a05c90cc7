with contract_fees as (
    select * from {{ ref('fct_contract_fees') }}
),

contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

rated_usage as (
    select * from {{ ref('fct_rated_usage') }}
    where status = 'rated' and is_current
),

breakdown as (
    select * from {{ ref('fct_rated_breakdown') }}
),

charges_beside as (
    select * from {{ ref('int_invoicing__charges_beside') }}
),

-- A line shows a unit price only where one price holds for all of it.
single_prices as (
    select
        rated_usage_id,
        max(unit_price) as unit_price
    from breakdown
    group by rated_usage_id
    having count(*) = 1 and max(step_kind) = 'tier' and max(flat_amount) = 0
),

-- The one rounding of a usage amount happens here; parts that are rated as one add up to it. The
-- key stays when what it charges is rated anew.
charged as (
    select
        {{ content_id([
            'contract_lines.billing_period_id', "'fee'", 'contract_lines.line_code',
            'contract_lines.segment_start_at',
        ]) }} as charge_key,
        contract_fees.contract_line_id as charge_id,
        contract_fees.billing_period_id,
        contract_fees.contract_id,
        contract_fees.tenant_id,
        'fee' as line_type,
        contract_lines.line_code,
        contract_fees.pack_id,
        contract_fees.plan_line_id,
        contract_fees.description,
        cast(contract_fees.quantity as decimal(38, 9)) as quantity,
        case when contract_fees.quantity = 1 then contract_fees.amount end as unit_price,
        contract_fees.amount as exact_amount,
        contract_fees.amount,
        cast(null as varchar) as reason,
        contract_fees.segment_start_at,
        contract_fees.segment_end_at,
        cast(null as varchar) as rated_usage_id,
        cast(null as varchar) as receipt_id
    from contract_fees
    inner join contract_lines
        on contract_fees.contract_line_id = contract_lines.contract_line_id
    union all
    select
        {{ content_id([
            'contract_lines.billing_period_id', "'usage'", 'contract_lines.line_code',
            'contract_lines.segment_start_at', 'rated_usage.group_value',
        ]) }} as charge_key,
        rated_usage.rated_usage_id as charge_id,
        contract_lines.billing_period_id,
        contract_lines.contract_id,
        contract_lines.tenant_id,
        'usage' as line_type,
        contract_lines.line_code,
        contract_lines.pack_id,
        contract_lines.plan_line_id,
        concat_ws(', ', contract_lines.description, nullif(rated_usage.group_value, ''))
            as description,
        rated_usage.quantity,
        single_prices.unit_price,
        rated_usage.net_amount as exact_amount,
        {{ rounded_part('rated_usage', 'contract_lines.minor_unit') }} as amount,
        rated_usage.reason,
        contract_lines.segment_start_at,
        contract_lines.segment_end_at,
        rated_usage.rated_usage_id,
        rated_usage.receipt_id
    from contract_lines
    inner join rated_usage
        on contract_lines.contract_line_id = rated_usage.contract_line_id
    left join single_prices
        on rated_usage.rated_usage_id = single_prices.rated_usage_id
    union all
    select * from charges_beside
),

final as (
    select
        charge_key,
        charge_id,
        billing_period_id,
        contract_id,
        tenant_id,
        line_type,
        line_code,
        pack_id,
        plan_line_id,
        description,
        quantity,
        cast(unit_price as decimal(16, 9)) as unit_price,
        cast(exact_amount as decimal(38, 18)) as exact_amount,
        amount,
        reason,
        segment_start_at,
        segment_end_at,
        rated_usage_id,
        receipt_id
    from charged
)

select * from final

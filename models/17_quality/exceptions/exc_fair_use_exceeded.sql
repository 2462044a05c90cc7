with rated_units as (
    select * from {{ ref('fct_rated_units') }}
    where priced_quantity > fair_use_quantity
),

contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

-- What the policy of the plan makes of it: not billed, billed at its own price, or only said here.
final as (
    select
        contract_lines.contract_line_id,
        rated_units.group_value,
        rated_units.window_start_at,
        contract_lines.tenant_id,
        contract_lines.contract_id,
        contract_lines.plan_line_id,
        contract_lines.meter_id,
        contract_lines.pack_id,
        contract_lines.period_month,
        rated_units.fair_use_policy,
        rated_units.fair_use_quantity,
        rated_units.priced_quantity,
        cast(rated_units.priced_quantity - rated_units.fair_use_quantity as decimal(38, 9))
            as exceeding_quantity
    from rated_units
    inner join contract_lines
        on rated_units.contract_line_id = contract_lines.contract_line_id
)

select * from final

with tiers_reached as (
    select * from {{ ref('int_rating__tiers_reached') }}
),

contract_lines as (
    select * from {{ ref('fct_rated_lines') }}
),

terms as (
    select * from {{ ref('fct_plan_line_terms') }}
    where commitment_window in ('hour', 'day')
),

-- Few lines commit to an hour or a day, and of the others no tier is looked at.
lines_committed as (
    select
        contract_lines.contract_line_id,
        terms.commitment_amount,
        terms.commitment_quantity,
        terms.overage_factor,
        terms.is_trued_up
    from contract_lines
    inner join terms
        on
            contract_lines.plan_line_id = terms.plan_line_id
            and contract_lines.currency_code = terms.currency_code
),

windows as (
    select
        tiers_reached.contract_line_id,
        tiers_reached.group_value,
        tiers_reached.window_start_at,
        max(tiers_reached.unit_price) as unit_price,
        sum(tiers_reached.amount) as amount
    from tiers_reached
    inner join lines_committed
        on tiers_reached.contract_line_id = lines_committed.contract_line_id
    group by
        tiers_reached.contract_line_id,
        tiers_reached.group_value,
        tiers_reached.window_start_at
),

committed as (
    select
        windows.*,
        terms.overage_factor,
        terms.is_trued_up,
        {{ committed_amount('windows.unit_price') }} as committed_amount
    from windows
    inner join lines_committed as terms
        on windows.contract_line_id = terms.contract_line_id
),

-- Each hour or day is held against the commitment by itself; one without usage falls short of all.
final as (
    select
        contract_line_id,
        group_value,
        cast(sum({{ overage_amount('amount') }}) as decimal(38, 18)) as overage_amount,
        cast(sum({{ true_up_amount('amount') }}) as decimal(38, 18)) as true_up_amount
    from committed
    group by
        contract_line_id,
        group_value
)

select * from final

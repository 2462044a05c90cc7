with schedules as (
    select * from {{ ref('fct_revenue_schedules') }}
    where not is_internal
),

as_of as (
    select
        cast(date_trunc('month', as_of_at) as date) as as_of_month,
        {{ months_after("cast(date_trunc('month', as_of_at) as date)", 12) }} as current_to_month
    from {{ ref('dim_as_of') }}
),

rates_ahead as (
    select
        contract_id,
        {{ round_money('sum(total_amount)', 'any_value(minor_unit)') }} as total_amount,
        {{ round_money('sum(current_amount)', 'any_value(minor_unit)') }} as current_amount
    from {{ ref('int_revenue__rates_ahead') }}
    group by contract_id
),

terms as (
    select distinct contract_id
    from {{ ref('fct_revenue_spans') }}
    where charge_key is null and revenue_kind = 'subscription'
),

balances as (
    select balances.*
    from {{ ref('fct_revenue_balances') }} as balances
    inner join as_of
        on balances.balance_month = as_of.as_of_month
),

contracts as (
    select * from {{ ref('dim_contracts') }}
    where not is_internal
),

-- Of what is charged already, what is not earned yet.
scheduled as (
    select
        schedules.contract_id,
        sum(schedules.scheduled_amount - schedules.earned_amount) as total_amount,
        sum(case
            when schedules.revenue_month < as_of.current_to_month
                then schedules.scheduled_amount - schedules.earned_amount
            else 0
        end) as current_amount
    from schedules
    cross join as_of
    where schedules.revenue_month >= as_of.as_of_month
    group by schedules.contract_id
),

-- Usage is promised for no amount, and is in none. A price that is earned over its whole term is
-- scheduled to the end.
summed as (
    select
        contracts.contract_id,
        contracts.tenant_id,
        contracts.currency_code,
        contracts.agreed_end_date,
        coalesce(balances.deferred_amount, 0) as deferred_amount,
        coalesce(scheduled.total_amount, 0)
        + case when terms.contract_id is null then coalesce(rates_ahead.total_amount, 0) else 0 end
            as total_amount,
        coalesce(scheduled.current_amount, 0)
        + case
            when terms.contract_id is null then coalesce(rates_ahead.current_amount, 0)
            else 0
        end as current_amount
    from contracts
    left join balances
        on contracts.contract_id = balances.contract_id
    left join scheduled
        on contracts.contract_id = scheduled.contract_id
    left join rates_ahead
        on contracts.contract_id = rates_ahead.contract_id
    left join terms
        on contracts.contract_id = terms.contract_id
),

final as (
    select
        contract_id,
        tenant_id,
        cast(deferred_amount as decimal(22, 4)) as deferred_amount,
        cast(total_amount - deferred_amount as decimal(22, 4)) as backlog_amount,
        cast(total_amount as decimal(22, 4)) as remaining_amount,
        cast(current_amount as decimal(22, 4)) as current_remaining_amount,
        currency_code,
        agreed_end_date
    from summed
)

select * from final

with contracts as (
    select * from {{ ref('dim_contracts') }}
),

plan_changes as (
    select * from {{ ref('dim_contract_plan_changes') }}
),

plan_versions as (
    select * from {{ ref('dim_plan_versions') }}
),

periods as (
    select * from {{ ref('fct_billing_periods') }}
),

plans_held as (
    select contract_id, plan_id from contracts
    union
    select contract_id, plan_id from plan_changes
),

awaited as (
    select contract_id, effective_from_at as awaited_at from plan_changes
    union
    select plans_held.contract_id, plan_versions.effective_from_at as awaited_at
    from plans_held
    inner join plan_versions
        on plans_held.plan_id = plan_versions.plan_id
),

-- A fee that is agreed for a period stays for it, so what waits waits for the next period of fees.
final as (
    select
        awaited.contract_id,
        awaited.awaited_at,
        cast(min(periods.period_start_date) as timestamp) as next_start_at
    from awaited
    inner join periods
        on
            awaited.contract_id = periods.contract_id
            and awaited.awaited_at <= periods.period_start_date
            and periods.covers <> 'usage'
    group by
        awaited.contract_id,
        awaited.awaited_at
)

select * from final

with contract_fees as (
    select * from {{ ref('fct_contract_fees') }}
    where timing = 'in_advance'
),

periods as (
    select * from {{ ref('fct_billing_periods') }}
),

-- A part that ends inside its period is credited from there on, one that begins inside it charged.
moved as (
    select
        billing_period_id,
        segment_end_at as changes_at,
        credited_amount,
        cast(0 as decimal(22, 4)) as charged_ahead_amount
    from contract_fees
    union all
    select
        billing_period_id,
        segment_start_at as changes_at,
        cast(0 as decimal(22, 4)) as credited_amount,
        charged_ahead_amount
    from contract_fees
),

final as (
    select
        moved.billing_period_id,
        periods.contract_id,
        periods.tenant_id,
        periods.currency_code,
        moved.changes_at,
        cast(sum(moved.credited_amount) as decimal(22, 4)) as credited_amount,
        cast(sum(moved.charged_ahead_amount) as decimal(22, 4)) as charged_ahead_amount,
        cast(sum(moved.charged_ahead_amount - moved.credited_amount) as decimal(22, 4))
            as change_amount
    from moved
    inner join periods
        on
            moved.billing_period_id = periods.billing_period_id
            and moved.changes_at > periods.period_start_at
            and moved.changes_at < periods.period_end_at
    group by
        moved.billing_period_id,
        periods.contract_id,
        periods.tenant_id,
        periods.currency_code,
        moved.changes_at
)

select * from final

with receivable_events as (
    select * from {{ ref('fct_receivable_events') }}
),

grants as (
    select * from {{ ref('fct_wallet_grants') }}
    where grant_kind = 'purchased'
),

revenue_lines as (
    select * from {{ ref('fct_revenue_lines') }}
    where revenue_kind = 'breakage'
),

payments as (
    select * from {{ ref('fct_payments') }}
    where payment_id not in (
        select receivable_events.payment_id
        from {{ ref('fct_receivable_events') }} as receivable_events
        where receivable_events.payment_id is not null
    )
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

-- What customers owe, and what they have paid or bought ahead and not used yet.
moved as (
    select
        contract_id,
        tenant_id,
        currency_code,
        event_at as moved_at,
        owed_delta_amount - applied_delta_amount - written_off_delta_amount as receivable_amount,
        paid_delta_amount - applied_delta_amount
        + case when grant_kind = 'purchased' then owed_delta_amount else 0 end
            as customer_credit_amount
    from receivable_events
    union all
    select
        '(none)' as contract_id,
        tenant_id,
        currency_code,
        received_at as moved_at,
        0 as receivable_amount,
        unapplied_amount as customer_credit_amount
    from payments
    union all
    select
        coalesce(grants.contract_id, '(none)') as contract_id,
        grants.tenant_id,
        grants.currency_code,
        grants.effective_at as moved_at,
        0 as receivable_amount,
        grants.amount as customer_credit_amount
    from grants
    inner join as_of
        on grants.effective_at <= as_of.as_of_at
    union all
    select
        contract_id,
        tenant_id,
        currency_code,
        cast(revenue_month as timestamp) as moved_at,
        0 as receivable_amount,
        -recognised_amount as customer_credit_amount
    from revenue_lines
),

final as (
    select
        contract_id,
        tenant_id,
        cast(date_trunc('month', moved_at) as date) as balance_month,
        sum(receivable_amount) as receivable_amount,
        sum(customer_credit_amount) as customer_credit_amount,
        currency_code
    from moved
    group by
        contract_id,
        tenant_id,
        cast(date_trunc('month', moved_at) as date),
        currency_code
)

select * from final

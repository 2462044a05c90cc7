with cash_events as (
    select * from {{ ref('fct_cash_events') }}
),

grants as (
    select * from {{ ref('fct_wallet_grants') }}
    where grant_kind = 'purchased'
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

booked_rates as (
    select * from {{ ref('fct_booked_rates') }}
),

-- What a customer pays is its own until it is applied; so is what it buys to spend later.
moved as (
    select
        cash_event_type as source_type,
        cash_event_id as source_id,
        'unapplied_cash' as credit_role,
        cash_amount as amount,
        currency_code,
        invoice_id,
        cast(null as varchar) as contract_id,
        tenant_id,
        event_at,
        landed_at,
        policy_decision_id
    from cash_events
    where cash_amount <> 0
    union all
    select
        'credit_purchase' as source_type,
        grant_id as source_id,
        'customer_credit' as credit_role,
        amount,
        currency_code,
        cast(null as varchar) as invoice_id,
        contract_id,
        tenant_id,
        effective_at as event_at,
        recorded_at as landed_at,
        policy_decision_id
    from grants
),

final as (
    select
        moved.source_type,
        moved.source_id,
        moved.source_id as entry_key,
        'cash' as debit_role,
        moved.credit_role,
        cast(moved.amount as decimal(38, 12)) as amount,
        {{ to_usd('moved.amount', 'booked_rates.usd_per_unit') }} as amount_usd,
        moved.currency_code,
        moved.invoice_id,
        moved.contract_id,
        moved.tenant_id,
        concat_ws(' ', replace(moved.source_type, '_', ' '), moved.source_id) as description,
        cast(moved.event_at as date) as event_date,
        moved.landed_at,
        moved.policy_decision_id
    from moved
    left join tenants
        on moved.tenant_id = tenants.tenant_id
    left join booked_rates
        on
            moved.currency_code = booked_rates.currency_code
            and booked_rates.rate_month = cast(date_trunc('month', moved.event_at) as date)
    where not coalesce(tenants.is_internal, false)
)

select * from final

with recognised_revenue as (
    select * from {{ ref('fct_recognised_revenue') }}
    where not is_internal and revenue_kind <> 'granted_credit'
),

billings as (
    select * from {{ ref('fct_revenue_billings') }}
    where billing_kind = 'written_off' and not is_internal
),

booked_rates as (
    select * from {{ ref('fct_booked_rates') }}
),

-- Granted credit is posted where it pays an invoice. What was bought and is not used was owed to
-- the customer; all else has been asked for, or will be.
earned as (
    select
        'recognition' as source_type,
        obligation_id as source_id,
        concat_ws('|', obligation_id, pack_id, revenue_month) as entry_key,
        case revenue_kind when 'breakage' then 'customer_credit' else 'deferred_revenue' end
            as debit_role,
        case revenue_kind
            when 'sla_credit' then 'contra_sla_credit'
            when 'credit' then 'contra_credit_memo'
            else concat('revenue_', revenue_kind)
        end as credit_role,
        recognised_amount as amount,
        recognised_usd as amount_usd,
        currency_code,
        nullif(contract_id, '(none)') as contract_id,
        tenant_id,
        concat(replace(revenue_kind, '_', ' '), ' earned, ', strftime(revenue_month, '%Y-%m'))
            as description,
        last_day(revenue_month) as event_date
    from recognised_revenue
),

-- What is given up before it is earned is no loss of revenue: it was never earned.
given_up as (
    select
        'write_off_unearned' as source_type,
        billings.billing_id as source_id,
        billings.billing_id as entry_key,
        'deferred_revenue' as debit_role,
        'bad_debt' as credit_role,
        -billings.amount as amount,
        {{ to_usd('-billings.amount', 'booked_rates.usd_per_unit') }} as amount_usd,
        billings.currency_code,
        billings.contract_id,
        billings.tenant_id,
        concat('written off unearned, ', strftime(billings.billed_date, '%Y-%m')) as description,
        billings.billed_date as event_date
    from billings
    left join booked_rates
        on
            billings.currency_code = booked_rates.currency_code
            and booked_rates.rate_month = cast(date_trunc('month', billings.billed_date) as date)
),

stacked as (
    select * from earned
    union all
    select * from given_up
),

final as (
    select
        source_type,
        source_id,
        entry_key,
        debit_role,
        credit_role,
        cast(amount as decimal(38, 12)) as amount,
        cast(amount_usd as decimal(38, 12)) as amount_usd,
        currency_code,
        cast(null as varchar) as invoice_id,
        contract_id,
        tenant_id,
        description,
        event_date,
        cast(null as timestamp) as landed_at,
        cast(null as varchar) as policy_decision_id
    from stacked
    where amount <> 0 or amount_usd <> 0
)

select * from final

with positions as (
    select * from {{ ref('fct_revenue_positions') }}
    where not is_internal
),

billings as (
    select * from {{ ref('fct_revenue_billings') }}
    where billing_kind = 'written_off' and not is_internal
),

booked_rates as (
    select * from {{ ref('fct_booked_rates') }}
),

{% set states = ['unbilled_amount', 'unbilled_usd', 'refund_liability_amount', 'refund_liability_usd'] -%}
changed as (
    select
        contract_id,
        tenant_id,
        balance_key,
        balance_month,
        currency_code,
        {% for state in states -%}
            {{ state }} - lag({{ state }}, 1, 0) over in_order as {{ state }}
            {{- ',' if not loop.last }}
        {% endfor %}
    from positions
    window in_order as (partition by contract_id, balance_key order by balance_month)
),

-- All that is billed and earned goes through deferred revenue. At the end of each month, what is
-- earned and not billed, and what is owed back, is put where it belongs.
reclassified as (
    select
        'reclassification' as source_type,
        balance_key as source_id,
        concat_ws('|', contract_id, balance_key, balance_month) as entry_key,
        'unbilled_receivable' as debit_role,
        'deferred_revenue' as credit_role,
        unbilled_amount as amount,
        unbilled_usd as amount_usd,
        currency_code,
        contract_id,
        tenant_id,
        last_day(balance_month) as event_date
    from changed
    union all
    select
        'reclassification' as source_type,
        balance_key as source_id,
        concat_ws('|', contract_id, balance_key, balance_month) as entry_key,
        'deferred_revenue' as debit_role,
        'refund_liability' as credit_role,
        refund_liability_amount as amount,
        refund_liability_usd as amount_usd,
        currency_code,
        contract_id,
        tenant_id,
        last_day(balance_month) as event_date
    from changed
    -- What is written off unearned is no loss of revenue: it was never earned.
    union all
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
        billings.billed_date as event_date
    from billings
    left join booked_rates
        on
            billings.currency_code = booked_rates.currency_code
            and booked_rates.rate_month = cast(date_trunc('month', billings.billed_date) as date)
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
        concat_ws(' ', replace(source_type, '_', ' '), 'to', replace(credit_role, '_', ' '))
            as description,
        event_date,
        cast(null as timestamp) as landed_at,
        cast(null as varchar) as policy_decision_id
    from reclassified
    where amount <> 0 or amount_usd <> 0
)

select * from final

with recognised_revenue as (
    select * from {{ ref('fct_recognised_revenue') }}
    where not is_internal and revenue_kind <> 'granted_credit'
),

-- Granted credit is posted where it pays an invoice. What was bought and is not used was owed to
-- the customer; all else has been asked for, or will be.
final as (
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
        cast(recognised_amount as decimal(38, 12)) as amount,
        recognised_usd as amount_usd,
        currency_code,
        cast(null as varchar) as invoice_id,
        nullif(contract_id, '(none)') as contract_id,
        tenant_id,
        concat(replace(revenue_kind, '_', ' '), ' earned, ', strftime(revenue_month, '%Y-%m'))
            as description,
        last_day(revenue_month) as event_date,
        cast(null as timestamp) as landed_at,
        cast(null as varchar) as policy_decision_id
    from recognised_revenue
    where recognised_amount <> 0 or recognised_usd <> 0
)

select * from final

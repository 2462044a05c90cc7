with receivable_events as (
    select * from {{ ref('fct_receivable_events') }}
),

booked_rates as (
    select * from {{ ref('fct_booked_rates') }}
),

-- What a document says is worth what it was when it was issued; what is paid or given up, what it
-- is in its own month.
measured as (
    select
        receivable_events.*,
        case
            when receivable_events.grant_id is null
                then receivable_events.owed_delta_amount - receivable_events.tax_delta_amount
            else 0
        end as net_delta_amount,
        case
            when receivable_events.grant_id is null then 0
            else -receivable_events.owed_delta_amount
        end as drawn_delta_amount,
        case receivable_events.grant_kind
            when 'purchased' then 'customer_credit'
            else 'contra_granted_credit'
        end as wallet_role,
        receivable_events.usd_per_unit as document_rate,
        booked_rates.usd_per_unit as month_rate
    from receivable_events
    left join booked_rates
        on
            receivable_events.currency_code = booked_rates.currency_code
            and booked_rates.rate_month
            = cast(date_trunc('month', receivable_events.event_at) as date)
),

{% set postings = [
    ('receivable_event_type', "'accounts_receivable'", "'deferred_revenue'", 'net', 'document'),
    ('receivable_event_type', "'accounts_receivable'", "'tax_payable'", 'tax', 'document'),
    ('receivable_event_type', 'wallet_role', "'accounts_receivable'", 'drawn', 'document'),
    ("'payment_application'", "'unapplied_cash'", "'accounts_receivable'", 'applied', 'month'),
    ("'write_off'", "'bad_debt'", "'accounts_receivable'", 'written_off', 'month'),
] -%}
final as (
    {% for source_type, debit, credit, part, rate in postings -%}
        select
            {{ source_type }} as source_type,
            source_id,
            receivable_event_id as entry_key,
            {{ debit }} as debit_role,
            {{ credit }} as credit_role,
            cast({{ part }}_delta_amount as decimal(38, 12)) as amount,
            {{ to_usd(part ~ '_delta_amount', rate ~ '_rate') }} as amount_usd,
            currency_code,
            invoice_id,
            contract_id,
            tenant_id,
            concat_ws(' ', replace({{ source_type }}, '_', ' '), source_id) as description,
            cast(event_at as date) as event_date,
            landed_at,
            policy_decision_id
        from measured
        where {{ part }}_delta_amount <> 0
        {% if not loop.last -%} union all {%- endif %}
    {% endfor %}
)

select * from final

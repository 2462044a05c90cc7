{%- set described = [
    'obligation_id', 'contract_id', 'tenant_id', 'pack_id', 'line_code', 'revenue_kind',
    'currency_code', 'minor_unit', 'is_internal', 'convention', 'credit_memo', 'earned_from_date',
    'earned_to_date', 'weighed_to_date', 'booking_month',
] -%}
with terms_scheduled as (
    select * from {{ ref('int_revenue__terms_scheduled') }}
),

credits_placed as (
    select * from {{ ref('int_revenue__credits_placed') }}
    where service_month is not null or (is_of_term and issued_date is not null)
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

stacked as (
    select
        {{ content_id([
            'terms_scheduled.contract_id', 'terms_scheduled.line_code',
            'terms_scheduled.span_number', "'term'",
        ]) }} as span_id,
        {{ term_of('terms_scheduled.contract_id', 'terms_scheduled.line_code') }} as balance_key,
        {{ obligation_of(
            'terms_scheduled.contract_id', "'subscription'", 'terms_scheduled.line_code'
        ) }} as obligation_id,
        terms_scheduled.contract_id,
        contracts.tenant_id,
        terms_scheduled.pack_id,
        terms_scheduled.line_code,
        'subscription' as revenue_kind,
        contracts.currency_code,
        contracts.minor_unit,
        contracts.is_internal,
        terms_scheduled.convention,
        'on_issue' as credit_memo,
        terms_scheduled.from_date as earned_from_date,
        terms_scheduled.to_date as earned_to_date,
        terms_scheduled.to_date as weighed_to_date,
        cast(date_trunc('month', terms_scheduled.from_date) as date) as booking_month,
        terms_scheduled.price_amount
    from terms_scheduled
    inner join contracts
        on terms_scheduled.contract_id = contracts.contract_id
    union all
    select
        line_id as span_id,
        balance_key,
        {{ obligation_of('contract_id', 'revenue_kind', 'line_code') }} as obligation_id,
        contract_id,
        tenant_id,
        pack_id,
        line_code,
        revenue_kind,
        currency_code,
        minor_unit,
        is_internal,
        'daily' as convention,
        'on_issue' as credit_memo,
        earned_date as earned_from_date,
        earned_date as earned_to_date,
        earned_date as weighed_to_date,
        cast(date_trunc('month', earned_date) as date) as booking_month,
        amount as price_amount
    from credits_placed
),

final as (
    select
        span_id,
        balance_key,
        {{ described | join(',\n        ') }},
        price_amount
    from stacked
)

select * from final

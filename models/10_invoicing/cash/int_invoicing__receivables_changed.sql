{%- set described = [
    'receivable_event_type', 'source_id', 'invoice_id', 'contract_id', 'tenant_id',
    'currency_code', 'event_at', 'landed_at', 'policy_decision_id',
] -%}
with documents_dated as (
    select * from {{ ref('int_invoicing__documents_dated') }}
),

draws_dated as (
    select * from {{ ref('int_invoicing__draws_dated') }}
),

settlements_dated as (
    select * from {{ ref('int_invoicing__settlements_dated') }}
),

stacked as (
    select
        {{ described | join(',\n        ') }},
        null as payment_id,
        null as grant_id,
        null as grant_kind,
        owed_delta_amount,
        tax_delta_amount,
        0 as paid_delta_amount,
        null as asked_amount,
        usd_per_unit
    from documents_dated
    union all
    select
        {{ described | join(',\n        ') }},
        null as payment_id,
        grant_id,
        grant_kind,
        owed_delta_amount,
        0 as tax_delta_amount,
        0 as paid_delta_amount,
        null as asked_amount,
        usd_per_unit
    from draws_dated
    union all
    select
        {{ described | join(',\n        ') }},
        payment_id,
        null as grant_id,
        null as grant_kind,
        0 as owed_delta_amount,
        0 as tax_delta_amount,
        paid_delta_amount,
        asked_amount,
        null as usd_per_unit
    from settlements_dated
),

final as (
    select
        {{ content_id(['receivable_event_type', 'source_id', 'invoice_id', 'grant_id']) }}
            as receivable_event_id,
        {{ described | join(',\n        ') }},
        payment_id,
        grant_id,
        grant_kind,
        owed_delta_amount,
        tax_delta_amount,
        paid_delta_amount,
        asked_amount,
        usd_per_unit
    from stacked
)

select * from final

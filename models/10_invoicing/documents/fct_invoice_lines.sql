{%- set described = [
    'invoice_id', 'version', 'line_number', 'line_type', 'charge_key', 'charge_id', 'line_code',
    'pack_id', 'plan_line_id', 'description', 'quantity', 'unit_price', 'exact_amount', 'amount',
    'coupon_amount', 'net_amount', 'tax_amount', 'segment_start_at', 'segment_end_at',
    'rated_usage_id', 'receipt_id', 'price_amount',
] -%}
with document_lines as (
    select * from {{ ref('fct_document_lines') }}
    where document_kind = 'invoice'
),

lines_taxed as (
    select * from {{ ref('int_invoicing__lines_taxed') }}
),

drafted as (
    select
        {{ content_id(['lines_taxed.charge_id', 'lines_taxed.version']) }} as invoice_line_id,
        {{ content_id(['lines_taxed.billing_period_id', '1']) }} as invoice_id,
        lines_taxed.* exclude (billing_period_id)
    from lines_taxed
),

lines as (
    select
        document_line_id as invoice_line_id,
        {{ described | join(',\n        ') }}
    from document_lines
    union all
    select
        invoice_line_id,
        {{ described | join(',\n        ') }}
    from drafted
),

final as (
    select
        invoice_line_id,
        {{ described | join(',\n        ') }}
    from lines
)

select * from final

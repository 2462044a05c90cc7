{%- set described = [
    'invoice_id', 'version', 'line_number', 'line_type', 'charge_key', 'charge_id', 'line_code',
    'pack_id', 'plan_line_id', 'description', 'quantity', 'unit_price', 'exact_amount', 'amount',
    'coupon_amount', 'net_amount', 'tax_amount',
    'segment_start_at', 'segment_end_at', 'rated_usage_id', 'receipt_id', 'price_amount',
] -%}
with document_lines as (
    select * from {{ ref('fct_document_lines') }}
    where document_kind = 'invoice'
),

periods as (
    select * from {{ ref('fct_billing_periods') }}
),

tax_terms as (
    select * from {{ ref('dim_tax_terms') }}
),

lines_taxed as (
    select * from {{ ref('int_invoicing__lines_taxed') }}
),

-- What a document asks for is net; the price that was charged may have its tax in it.
issued as (
    select
        document_lines.*,
        document_lines.amount
        + case when tax_terms.prices_include_tax then document_lines.tax_amount else 0 end
            as price_amount
    from document_lines
    left join periods
        on document_lines.billing_period_id = periods.billing_period_id
    left join tax_terms
        on periods.contract_id = tax_terms.contract_id
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
    from issued
    union all
    select
        invoice_line_id,
        {{ described | join(',\n        ') }}
    from drafted
),

final as (
    select
        invoice_line_id,
        {% for column in described if column != 'price_amount' -%}
            {{ column }},
        {% endfor -%}
        cast(price_amount as decimal(22, 4)) as price_amount
    from lines
)

select * from final

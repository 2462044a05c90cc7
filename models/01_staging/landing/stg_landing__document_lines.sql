{%- set line -%}
{
    "document_line_id": "VARCHAR", "line_number": "BIGINT", "line_type": "VARCHAR",
    "charge_key": "VARCHAR", "charge_id": "VARCHAR", "line_code": "VARCHAR",
    "plan_line_id": "VARCHAR", "pack_id": "VARCHAR", "description": "VARCHAR",
    "quantity": "DECIMAL(38, 9)", "unit_price": "DECIMAL(16, 9)",
    "exact_amount": "DECIMAL(38, 18)", "amount": "DECIMAL(22, 4)",
    "price_amount": "DECIMAL(22, 4)",
    "coupon_amount": "DECIMAL(22, 4)", "net_amount": "DECIMAL(22, 4)",
    "tax_amount": "DECIMAL(22, 4)", "segment_start_at": "TIMESTAMP", "segment_end_at": "TIMESTAMP",
    "rated_usage_id": "VARCHAR", "receipt_id": "VARCHAR", "corrects_invoice_id": "VARCHAR",
    "corrects_version": "INTEGER", "billing_period_id": "VARCHAR", "reason": "VARCHAR",
    "taxes": [{
        "tax_name": "VARCHAR", "tax_ratio": "DECIMAL(16, 9)", "tax_treatment": "VARCHAR",
        "taxable_amount": "DECIMAL(22, 4)", "tax_amount": "DECIMAL(22, 4)"
    }]
}
{%- endset -%}
{%- set shape = '{"lines": [' ~ line ~ ']}' -%}
with documents as (
    select * from {{ ref('stg_landing__documents') }}
    where is_digest_right
),

opened as (
    select
        document_id,
        landed_file,
        line_number as file_line_number,
        unnest({{ parse_json('body', shape) }}.lines) as line
    from documents
),

final as (
    select
        document_id,
        landed_file,
        file_line_number,
        line.document_line_id,
        line.line_number,
        line.line_type,
        line.charge_key,
        line.charge_id,
        line.line_code,
        line.plan_line_id,
        line.pack_id,
        line.description,
        line.quantity,
        line.unit_price,
        line.exact_amount,
        line.price_amount,
        line.amount,
        line.coupon_amount,
        line.net_amount,
        line.tax_amount,
        line.segment_start_at,
        line.segment_end_at,
        line.rated_usage_id,
        line.receipt_id,
        line.corrects_invoice_id,
        line.corrects_version,
        line.billing_period_id,
        line.reason,
        line.taxes
    from opened
)

select * from final

{%- set shape -%}
{
    "document_id": "VARCHAR", "document_kind": "VARCHAR", "document_number": "VARCHAR",
    "number_series": "VARCHAR", "number_in_series": "BIGINT", "memo_reason": "VARCHAR",
    "invoice_id": "VARCHAR", "version": "INTEGER", "lock_digest": "VARCHAR",
    "action_id": "VARCHAR", "policy_decision_id": "VARCHAR",
    "tenant": {"tenant_id": "VARCHAR"}, "issuing_entity": {"issuing_entity_id": "VARCHAR"},
    "contract_id": "VARCHAR", "billing_period_id": "VARCHAR", "is_internal": "BOOLEAN",
    "currency_code": "VARCHAR", "minor_unit": "INTEGER",
    "period_start_at": "TIMESTAMP", "period_end_at": "TIMESTAMP", "issued_at": "TIMESTAMP",
    "due_date": "DATE", "subtotal_amount": "DECIMAL(22, 4)", "discount_amount": "DECIMAL(22, 4)",
    "tax_amount": "DECIMAL(22, 4)", "total_amount": "DECIMAL(22, 4)",
    "credits_applied_amount": "DECIMAL(22, 4)", "amount_due": "DECIMAL(22, 4)",
    "usd_per_unit": "DECIMAL(18, 9)", "total_usd": "DECIMAL(38, 12)"
}
{%- endset -%}
with parsed as (
    select
        *,
        {{ parse_json('body', shape) }} as header
    from {{ ref('int_staging__signed_lines_opened') }}
    where source_folder = 'issued'
),

final as (
    select
        header.document_id,
        header.document_kind,
        header.document_number,
        header.number_series,
        header.number_in_series,
        header.memo_reason,
        header.invoice_id,
        header.version,
        header.lock_digest,
        header.action_id,
        header.policy_decision_id,
        header.tenant.tenant_id,
        header.issuing_entity.issuing_entity_id,
        header.contract_id,
        header.billing_period_id,
        header.currency_code,
        header.minor_unit,
        line_digest as document_digest,
        is_signed and header.document_id is not null as is_digest_right,
        header.is_internal,
        header.subtotal_amount,
        header.discount_amount,
        header.tax_amount,
        header.total_amount,
        header.credits_applied_amount,
        header.amount_due,
        header.usd_per_unit,
        header.total_usd,
        header.period_start_at,
        header.period_end_at,
        header.due_date,
        header.issued_at,
        body,
        landed_file,
        line_number,
        landed_at
    from parsed
)

select * from final

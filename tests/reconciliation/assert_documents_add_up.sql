-- Invoice: subtotal - coupons + tax = total = wallet + due, from the lines of the document; and an
-- invoice has the charges of its lock, to the cent.
with lines as (
    select
        document_id,
        sum(amount) as amount,
        sum(coupon_amount) as coupon_amount,
        sum(net_amount) as net_amount,
        sum(tax_amount) as tax_amount
    from {{ ref('fct_document_lines') }}
    group by document_id
),

taxes as (
    select document_id, sum(tax_amount) as tax_amount
    from {{ ref('fct_document_line_taxes') }}
    group by document_id
),

invoice_charges as (
    select documents.lock_digest, lines.charge_key, lines.price_amount as amount
    from {{ ref('fct_documents') }} as documents
    inner join {{ ref('fct_document_lines') }} as lines
        on documents.document_id = lines.document_id
    where documents.document_kind = 'invoice'
),

locked_charges as (
    select locks.lock_digest, charges.charge_key, charges.amount
    from {{ ref('fct_locks') }} as locks
    inner join {{ ref('fct_locked_charges') }} as charges
        on locks.lock_id = charges.lock_id
    where locks.lock_digest in (select invoice_charges.lock_digest from invoice_charges)
)

select documents.document_id
from {{ ref('fct_documents') }} as documents
left join lines
    on documents.document_id = lines.document_id
left join taxes
    on documents.document_id = taxes.document_id
where
    documents.subtotal_amount is distinct from lines.amount
    or documents.discount_amount is distinct from lines.coupon_amount
    or documents.tax_amount is distinct from lines.tax_amount
    or documents.tax_amount <> coalesce(taxes.tax_amount, 0)
    or lines.net_amount <> lines.amount - lines.coupon_amount
    or documents.total_amount <> lines.net_amount + lines.tax_amount
    or documents.amount_due <> documents.total_amount - documents.credits_applied_amount
union all
select coalesce(invoice_charges.charge_key, locked_charges.charge_key) as document_id
from invoice_charges
full join locked_charges
    on
        invoice_charges.lock_digest = locked_charges.lock_digest
        and invoice_charges.charge_key = locked_charges.charge_key
where invoice_charges.amount is distinct from locked_charges.amount

with invoices as (
    select * from {{ ref('int_invoicing__versions_ended') }}
),

documents as (
    select * from {{ ref('fct_documents') }}
),

memo_lines as (
    select * from {{ ref('fct_memos') }}
    where issued_at is not null
),

memos as (
    select
        memo_id,
        invoice_id,
        version,
        sum(amount + tax_amount) as total_amount,
        sum(tax_amount) as tax_amount
    from memo_lines
    group by
        memo_id,
        invoice_id,
        version
),

-- A memo falls with the version of the invoice that it is for, once both are there.
asked as (
    select
        'invoice' as receivable_event_type,
        document_id,
        invoice_id,
        contract_id,
        tenant_id,
        total_amount,
        tax_amount,
        currency_code,
        usd_per_unit,
        issued_at,
        landed_at,
        policy_decision_id,
        voided_at,
        void_landed_at,
        void_policy_decision_id
    from invoices
    union all
    select
        'memo' as receivable_event_type,
        documents.document_id,
        invoices.invoice_id,
        invoices.contract_id,
        invoices.tenant_id,
        memos.total_amount,
        memos.tax_amount,
        invoices.currency_code,
        documents.usd_per_unit,
        documents.issued_at,
        documents.landed_at,
        documents.policy_decision_id,
        case
            when invoices.voided_at is not null
                then {{ later_of('invoices.voided_at', 'documents.issued_at') }}
        end as voided_at,
        invoices.void_landed_at,
        invoices.void_policy_decision_id
    from memos
    inner join invoices
        on
            memos.invoice_id = invoices.invoice_id
            and memos.version = invoices.version
    inner join documents
        on memos.memo_id = documents.document_id
),

final as (
    select
        receivable_event_type,
        document_id as source_id,
        invoice_id,
        contract_id,
        tenant_id,
        total_amount as owed_delta_amount,
        tax_amount as tax_delta_amount,
        currency_code,
        usd_per_unit,
        issued_at as event_at,
        landed_at,
        policy_decision_id
    from asked
    union all
    select
        receivable_event_type || '_void' as receivable_event_type,
        document_id as source_id,
        invoice_id,
        contract_id,
        tenant_id,
        -total_amount as owed_delta_amount,
        -tax_amount as tax_delta_amount,
        currency_code,
        usd_per_unit,
        voided_at as event_at,
        void_landed_at as landed_at,
        void_policy_decision_id as policy_decision_id
    from asked
    where voided_at is not null
)

select * from final

with recognised_revenue as (
    select * from {{ ref('fct_recognised_revenue') }}
    where revenue_kind not in ('breakage', 'granted_credit')
),

revenue_balances as (
    select * from {{ ref('fct_revenue_balances') }}
),

documents as (
    select * from {{ ref('fct_documents') }}
    where not is_void
),

invoices as (
    select * from {{ ref('fct_invoices') }}
),

revenue_billings as (
    select * from {{ ref('fct_revenue_billings') }}
    where billing_kind = 'written_off'
),

rollforward as (
    select * from {{ ref('rpt_deferred_revenue_rollforward') }}
),

mrr_rollforward as (
    select * from {{ ref('rpt_mrr_rollforward') }}
),

last_months as (
    select max(balance_month) as balance_month
    from revenue_balances
),

final as (
    select
        {{ seam_side('revenue', 1, 'contract_id', 'currency_code', 'recognised_amount') }}
    from recognised_revenue
    union all
    select
        {{ seam_side(
            'revenue', 1, 'revenue_balances.contract_id', 'revenue_balances.currency_code',
            'revenue_balances.deferred_amount + revenue_balances.refund_liability_amount'
            ~ ' - revenue_balances.unbilled_amount'
        ) }}
    from revenue_balances
    inner join last_months
        on revenue_balances.balance_month = last_months.balance_month
    union all
    select
        {{ seam_side(
            'revenue', 2, 'documents.contract_id', 'documents.currency_code',
            'documents.total_amount - documents.tax_amount'
        ) }}
    from documents
    left join invoices
        on
            documents.document_kind <> 'invoice'
            and documents.invoice_id = invoices.invoice_id
            and documents.version = invoices.version
    where invoices.status is distinct from 'void'
    union all
    select
        {{ seam_side('revenue', 2, 'contract_id', 'currency_code', 'amount') }}
    from revenue_billings
    {% for side, amount in [
        (1, 'opening_amount + billed_amount + voided_amount + deferred_written_off_amount - recognised_amount'),
        (2, 'closing_amount'),
    ] -%}
        union all
        select
            {{ seam_side(
                'deferred_revenue', side, "concat_ws(':', contract_id, balance_month)",
                'currency_code', amount
            ) }}
        from rollforward
    {% endfor -%}
    {% for side, amount in [
        (1, 'opening_mrr_amount + net_new_mrr_amount + currency_mrr_amount'), (2, 'closing_mrr_amount')
    ] -%}
        union all
        select
            {{ seam_side(
                'recurring_revenue', side, "concat_ws(':', mrr_basis, mrr_month)",
                'currency_code', amount
            ) }}
        from mrr_rollforward
    {% endfor -%}
)

select * from final

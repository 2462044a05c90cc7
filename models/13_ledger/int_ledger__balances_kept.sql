{%- set measures = [
    'amount', 'amount_usd', 'unknown_count', 'document_amount', 'document_usd',
] -%}
with legs as (
    select * from {{ ref('int_ledger__legs_dated') }}
    where
        currency_code <> 'USD'
        and posting_role in (
            'accounts_receivable', 'unapplied_cash', 'customer_credit', 'deferred_revenue',
            'unbilled_receivable', 'refund_liability'
        )
),

months as (
    select * from {{ ref('dim_months') }}
),

as_of as (
    select cast(date_trunc('month', as_of_at) as date) as as_of_month
    from {{ ref('dim_as_of') }}
),

-- A receivable is kept by invoice, what is held for a customer by customer, all else by contract.
moved as (
    select
        posting_role,
        tenant_id,
        case when posting_role not in ('unapplied_cash', 'customer_credit') then contract_id end
            as contract_id,
        case when posting_role = 'accounts_receivable' then invoice_id end as invoice_id,
        currency_code,
        cast(date_trunc('month', posted_date) as date) as balance_month,
        sum(amount) as amount,
        sum(amount_usd) as amount_usd,
        count(*) filter (where amount_usd is null) as unknown_count,
        coalesce(sum(abs(amount)) filter (where is_document), 0) as document_amount,
        coalesce(sum(abs(amount_usd)) filter (where is_document), 0) as document_usd
    from (
        select
            *,
            source_type in ('invoice', 'invoice_void', 'memo', 'memo_void') as is_document
        from legs
    ) as marked
    group by
        posting_role,
        tenant_id,
        case when posting_role not in ('unapplied_cash', 'customer_credit') then contract_id end,
        case when posting_role = 'accounts_receivable' then invoice_id end,
        currency_code,
        balance_month
),

keys as (
    select
        posting_role,
        tenant_id,
        contract_id,
        invoice_id,
        currency_code,
        min(balance_month) as first_month,
        max(balance_month) as last_month
    from moved
    group by
        posting_role,
        tenant_id,
        contract_id,
        invoice_id,
        currency_code
),

spine as (
    select
        keys.*,
        months.month_date as balance_month
    from keys
    cross join as_of
    inner join months
        on
            keys.first_month <= months.month_date
            and months.month_date <= {{ later_of('keys.last_month', 'as_of.as_of_month') }}
),

final as (
    select
        spine.posting_role,
        spine.tenant_id,
        spine.contract_id,
        spine.invoice_id,
        {% for measure in measures -%}
            sum(coalesce(moved.{{ measure }}, 0)) over so_far as {{ measure }},
        {% endfor -%}
        spine.currency_code,
        spine.balance_month
    from spine
    left join moved
        on
            spine.posting_role = moved.posting_role
            and spine.tenant_id is not distinct from moved.tenant_id
            and spine.contract_id is not distinct from moved.contract_id
            and spine.invoice_id is not distinct from moved.invoice_id
            and spine.currency_code = moved.currency_code
            and spine.balance_month = moved.balance_month
    window so_far as (
        partition by
            spine.posting_role, spine.tenant_id, spine.contract_id, spine.invoice_id,
            spine.currency_code
        order by spine.balance_month
        rows between unbounded preceding and current row
    )
)

select * from final

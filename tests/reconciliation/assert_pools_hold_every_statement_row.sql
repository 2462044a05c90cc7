-- Cost, per provider, invoice, currency and month: the pools are the statement, row for row. Every
-- landed row is in a pool, replaced, in a copy or refused.
with postings as (
    select
        provider,
        provider_invoice_id,
        currency_code,
        cost_month,
        billed_cost_amount,
        effective_cost_amount,
        1 as row_count
    from {{ ref('fct_cost_statement_rows') }}
    where is_posted
    union all
    select
        provider,
        provider_invoice_id,
        currency_code,
        reversed_in_month as cost_month,
        -billed_cost_amount as billed_cost_amount,
        -effective_cost_amount as effective_cost_amount,
        1 as row_count
    from {{ ref('fct_cost_statement_rows') }}
    where reversed_in_month is not null
    union all
    select
        provider,
        provider_invoice_id,
        currency_code,
        cost_month,
        -billed_cost_amount as billed_cost_amount,
        -effective_cost_amount as effective_cost_amount,
        -source_row_count as row_count
    from {{ ref('fct_cost_pools') }}
),

rows_accounted_for as (
    select
        landed_file,
        line_number
    from {{ ref('fct_cost_statement_rows') }}
    where (row_status = 'current') = is_posted or row_status = 'superseded'
    union all
    select
        landed_file,
        line_number
    from {{ ref('fct_rejected_cost_rows') }}
),

landed as (
    select
        landed_file,
        line_count
    from {{ ref('fct_landed_files') }}
    where source_folder in ('focus', 'cost_pools')
)

select
    provider as subject,
    sum(row_count) as difference_count
from postings
group by
    provider,
    provider_invoice_id,
    currency_code,
    cost_month
having
    sum(billed_cost_amount) <> 0
    or sum(effective_cost_amount) <> 0
    or sum(row_count) <> 0
union all
select
    landed.landed_file as subject,
    landed.line_count - count(rows_accounted_for.line_number) as difference_count
from landed
left join rows_accounted_for
    on landed.landed_file = rows_accounted_for.landed_file
group by
    landed.landed_file,
    landed.line_count
having count(rows_accounted_for.line_number) <> landed.line_count

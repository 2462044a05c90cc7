-- Contracts to invoices: each fee, each rated usage row that is current, each true-up and each
-- adjustment is on exactly one line.
with owed as (
    select contract_line_id as charge_id from {{ ref('fct_contract_fees') }}
    union all
    select rated_usage_id as charge_id from {{ ref('fct_rated_usage') }}
    where status = 'rated' and is_current
    union all
    select adjustment_id as charge_id from {{ ref('fct_rated_adjustments') }}
    union all
    select true_up_id as charge_id from {{ ref('fct_commitment_true_ups') }}
    where amount <> 0
),

lines as (
    select {{ content_id(['owed.charge_id', '1']) }} as invoice_line_id
    from owed
)

select lines.invoice_line_id, count(invoice_lines.invoice_line_id) as line_count
from lines
full join {{ ref('fct_invoice_lines') }} as invoice_lines
    on lines.invoice_line_id = invoice_lines.invoice_line_id
group by lines.invoice_line_id
having count(invoice_lines.invoice_line_id) <> 1 or lines.invoice_line_id is null

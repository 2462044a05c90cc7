{%- set described = [
    'billing_period_id', 'contract_id', 'invoice_id', 'version', 'charge_key', 'charge_id',
    'line_type', 'line_code', 'pack_id', 'plan_line_id', 'description', 'amount', 'reason',
    'segment_start_at', 'segment_end_at',
] -%}
with charge_changes as (
    select * from {{ ref('fct_charge_changes') }}
    where is_issued
),

credits_spread as (
    select * from {{ ref('int_invoicing__credits_spread') }}
),

documents as (
    select * from {{ ref('fct_documents') }}
),

late_memos as (
    select
        contract_id,
        count(*) as memo_count
    from documents
    where memo_reason = 'late'
    group by contract_id
),

-- All that came late for a contract goes on one memo, which the next close of a period issues; what
-- somebody decided has a memo of its own.
collected as (
    select
        {{ content_id([
            'charge_changes.contract_id', "'late'", 'coalesce(late_memos.memo_count, 0) + 1',
        ]) }} as document_id,
        'late' as memo_reason,
        cast(null as varchar) as action_id,
        {% for column in described -%}
            charge_changes.{{ column }},
        {% endfor -%}
        charge_changes.exact_amount,
        charge_changes.rated_usage_id,
        charge_changes.receipt_id
    from charge_changes
    left join late_memos
        on charge_changes.contract_id = late_memos.contract_id
    union all
    select
        {{ content_id(['action_id', "'memo'"]) }} as document_id,
        'agreed' as memo_reason,
        action_id,
        {% for column in described -%}
            {{ column }},
        {% endfor -%}
        amount as exact_amount,
        null as rated_usage_id,
        null as receipt_id
    from credits_spread
),

final as (
    select
        document_id,
        row_number() over (
            partition by document_id
            order by segment_start_at, billing_period_id, pack_id, line_type, charge_key
        ) as line_number,
        memo_reason,
        action_id,
        {% for column in described -%}
            {{ column }},
        {% endfor -%}
        cast(exact_amount as decimal(38, 18)) as exact_amount,
        rated_usage_id,
        receipt_id
    from collected
)

select * from final

{%- set described = [
    'document_id', 'line_number', 'action_id', 'contract_id', 'billing_period_id', 'invoice_id',
    'version', 'charge_key', 'charge_id', 'line_type', 'line_code', 'pack_id', 'plan_line_id',
    'description', 'exact_amount', 'segment_start_at', 'segment_end_at', 'rated_usage_id',
    'receipt_id',
] -%}
with lines_drafted as (
    select * from {{ ref('int_invoicing__memo_lines_drafted') }}
),

lines_reversed as (
    select * from {{ ref('int_invoicing__memo_lines_reversed') }}
),

taxes as (
    select
        document_id,
        line_number,
        bool_or(includes_tax) as includes_tax,
        cast(sum(tax_amount) as decimal(22, 4)) as tax_amount
    from {{ ref('int_invoicing__memo_taxes_spread') }}
    group by
        document_id,
        line_number
),

-- Where prices include tax, what is left of the price is net.
final as (
    select
        {% for column in described -%}
            lines_drafted.{{ column }},
        {% endfor -%}
        lines_drafted.amount as price_amount,
        lines_drafted.amount - case when taxes.includes_tax then taxes.tax_amount else 0 end
            as amount,
        cast(0 as decimal(22, 4)) as coupon_amount,
        taxes.tax_amount,
        lines_drafted.memo_reason,
        lines_drafted.reason
    from lines_drafted
    left join taxes
        on
            lines_drafted.document_id = taxes.document_id
            and lines_drafted.line_number = taxes.line_number
    union all
    select
        {% for column in described -%}
            {{ column }},
        {% endfor -%}
        price_amount,
        amount,
        coupon_amount,
        tax_amount,
        'rebill' as memo_reason,
        'rebill' as reason
    from lines_reversed
)

select * from final

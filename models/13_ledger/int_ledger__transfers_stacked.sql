{%- set sources = [
    'receivables_posted', 'cash_posted', 'costs_posted', 'revenue_posted', 'positions_reclassified',
] -%}
{%- for source in sources %}
{{ 'with ' if loop.first }}{{ source }} as (
    select * from {{ ref('int_ledger__' ~ source) }}
),
{% endfor %}
final as (
    {% for source in sources -%}
        select
            source_type,
            source_id,
            entry_key,
            debit_role,
            credit_role,
            amount,
            amount_usd,
            currency_code,
            invoice_id,
            contract_id,
            tenant_id,
            description,
            event_date,
            landed_at,
            policy_decision_id
        from {{ source }}
        {% if not loop.last -%} union all {%- endif %}
    {% endfor %}
)

select * from final

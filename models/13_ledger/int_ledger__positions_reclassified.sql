{%- set states = [
    'unbilled_amount', 'unbilled_usd', 'refund_liability_amount', 'refund_liability_usd',
] -%}
with positions as (
    select * from {{ ref('fct_revenue_positions') }}
    where not is_internal
),

moved as (
    select
        contract_id,
        tenant_id,
        {% for state in states -%}
            {{ state }} - lag({{ state }}, 1, 0) over in_order as {{ state }},
        {% endfor -%}
        balance_month,
        currency_code
    from positions
    window in_order as (partition by contract_id, balance_key order by balance_month)
),

changed as (
    select
        contract_id,
        tenant_id,
        {% for state in ['unbilled', 'refund_liability'] -%}
            sum({{ state }}_amount) as {{ state }}_amount,
            {{ sum_of_known(state ~ '_usd') }} as {{ state }}_usd,
        {% endfor -%}
        balance_month,
        currency_code
    from moved
    group by
        contract_id,
        tenant_id,
        balance_month,
        currency_code
),

-- All that is billed and earned goes through deferred revenue. At the end of each month, what is
-- earned and not billed, and what is owed back, is put where it belongs.
final as (
    {% for debit_role, credit_role, state in [
        ('unbilled_receivable', 'deferred_revenue', 'unbilled'),
        ('deferred_revenue', 'refund_liability', 'refund_liability'),
    ] -%}
        select
            'reclassification' as source_type,
            contract_id as source_id,
            concat_ws('|', contract_id, balance_month) as entry_key,
            '{{ debit_role }}' as debit_role,
            '{{ credit_role }}' as credit_role,
            cast({{ state }}_amount as decimal(38, 12)) as amount,
            cast({{ state }}_usd as decimal(38, 12)) as amount_usd,
            currency_code,
            cast(null as varchar) as invoice_id,
            contract_id,
            tenant_id,
            concat('not billed or owed back, ', strftime(balance_month, '%Y-%m')) as description,
            last_day(balance_month) as event_date,
            cast(null as timestamp) as landed_at,
            cast(null as varchar) as policy_decision_id
        from changed
        where {{ state }}_amount <> 0 or {{ state }}_usd <> 0
        {% if not loop.last -%} union all {%- endif %}
    {% endfor %}
)

select * from final

{%- set services = ['deferred_amount', 'unbilled_amount', 'refund_liability_amount'] -%}
{%- set customers = ['receivable_amount', 'customer_credit_amount'] -%}
with positions as (
    select
        contract_id,
        tenant_id,
        currency_code,
        balance_month,
        {% for measure in services -%}
            sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('fct_revenue_positions') }}
    group by
        contract_id,
        tenant_id,
        currency_code,
        balance_month
),

customers_moved as (
    select * from {{ ref('int_revenue__customers_moved') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

begun as (
    select contract_id, tenant_id, currency_code, balance_month from positions
    union all
    select contract_id, tenant_id, currency_code, balance_month from customers_moved
),

spine as (
    select
        begun.contract_id,
        begun.tenant_id,
        begun.currency_code,
        cast(unnest(generate_series(
            cast(min(begun.balance_month) as timestamp),
            max(as_of.as_of_at),
            interval 1 month
        )) as date) as balance_month
    from begun
    cross join as_of
    group by
        begun.contract_id,
        begun.tenant_id,
        begun.currency_code
),

-- At the end of the month, or by as-of.
final as (
    select
        spine.contract_id,
        spine.tenant_id,
        spine.balance_month,
        {% for measure in services -%}
            cast(coalesce(positions.{{ measure }}, 0) as decimal(22, 4)) as {{ measure }},
        {% endfor -%}
        {% for measure in customers -%}
            cast(
                coalesce(sum(customers_moved.{{ measure }}) over so_far, 0) as decimal(22, 4)
            ) as {{ measure }},
        {% endfor -%}
        spine.currency_code
    from spine
    left join positions
        on
            spine.contract_id = positions.contract_id
            and spine.tenant_id = positions.tenant_id
            and spine.currency_code = positions.currency_code
            and spine.balance_month = positions.balance_month
    left join customers_moved
        on
            spine.contract_id = customers_moved.contract_id
            and spine.tenant_id = customers_moved.tenant_id
            and spine.currency_code = customers_moved.currency_code
            and spine.balance_month = customers_moved.balance_month
    window
        so_far as (
            partition by spine.contract_id, spine.tenant_id, spine.currency_code
            order by spine.balance_month
            rows between unbounded preceding and current row
        )
)

select * from final

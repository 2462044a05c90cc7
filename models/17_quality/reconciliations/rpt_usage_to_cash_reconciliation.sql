{%- set stages = ['invoiced', 'memo', 'pending', 'waived', 'rounding'] -%}
with reading_outcomes as (
    select * from {{ ref('fct_reading_outcomes') }}
),

rated_usage as (
    select * from {{ ref('fct_rated_usage') }}
),

usage_billings as (
    select * from {{ ref('fct_usage_billings') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

-- Each source fills its own columns; the sums below put them side by side.
stacked as (
    select
        reading_outcomes.tenant_id,
        reading_outcomes.period_month,
        coalesce(contracts.currency_code, tenants.billing_currency_code) as currency_code,
        reading_outcomes.status,
        1 as readings,
        cast(null as varchar) as stage,
        cast(0 as decimal(38, 18)) as amount
    from reading_outcomes
    inner join tenants
        on reading_outcomes.tenant_id = tenants.tenant_id
    left join contracts
        on reading_outcomes.contract_id = contracts.contract_id
    union all
    select
        tenant_id,
        period_month,
        currency_code,
        null as status,
        0 as readings,
        'rated' as stage,
        net_amount as amount
    from rated_usage
    where
        is_current
        and status = 'rated'
    union all
    select
        tenant_id,
        period_month,
        currency_code,
        null as status,
        0 as readings,
        stage,
        amount
    from usage_billings
),

totalled as (
    select
        tenant_id,
        period_month,
        currency_code,
        sum(readings) as readings,
        {% for status in ['rated', 'unpriced', 'not_billable'] -%}
            count(*) filter (where status = '{{ status }}') as readings_{{ status }},
        {% endfor -%}
        {% for stage in stages -%}
            coalesce(sum(amount) filter (where stage = '{{ stage }}'), 0) as {{ stage }}_amount,
        {% endfor -%}
        coalesce(sum(amount) filter (where stage = 'rated'), 0) as rated_net_amount
    from stacked
    group by
        tenant_id,
        period_month,
        currency_code
),

final as (
    select
        tenant_id,
        period_month,
        currency_code,
        cast(readings as bigint) as readings,
        readings_rated,
        readings_unpriced,
        readings_not_billable,
        cast(rated_net_amount as decimal(38, 18)) as rated_net_amount,
        {% for stage in stages -%}
            cast({{ stage }}_amount as decimal(38, 18)) as {{ stage }}_amount,
        {% endfor -%}
        cast(
            rated_net_amount
            {% for stage in stages -%}
                - {{ stage }}_amount
            {% endfor %}
            as decimal(38, 18)
        ) as difference_amount
    from totalled
)

select * from final

{%- set described = [
    'obligation_id', 'contract_id', 'tenant_id', 'pack_id', 'line_code', 'revenue_kind',
    'currency_code', 'minor_unit', 'is_internal', 'convention', 'credit_memo', 'earned_from_date',
    'earned_to_date', 'weighed_to_date', 'booking_month',
] -%}
with revenue_charges as (
    select * from {{ ref('fct_revenue_charges') }}
    where not is_of_term
),

usage_shared as (
    select * from {{ ref('int_revenue__usage_shared') }}
),

bundles_allocated as (
    select * from {{ ref('int_revenue__bundles_allocated') }}
),

spans_beside as (
    select * from {{ ref('int_revenue__spans_beside') }}
),

charged as (
    select
        case
            when usage_shared.part_number is null then revenue_charges.charge_key
            else {{ content_id(['revenue_charges.charge_key', 'usage_shared.part_number']) }}
        end as span_id,
        revenue_charges.* replace (
            coalesce(bundles_allocated.bundle_id, revenue_charges.charge_key) as balance_key,
            coalesce(
                usage_shared.part_amount,
                bundles_allocated.allocated_amount,
                revenue_charges.price_amount
            ) as price_amount,
            {% for name in ['earned_from_date', 'earned_to_date', 'weighed_to_date'] -%}
                coalesce(usage_shared.delivered_date, revenue_charges.{{ name }}) as {{ name }}
                {{- ',' if not loop.last }}
            {% endfor %}
        )
    from revenue_charges
    left join usage_shared
        on revenue_charges.charge_key = usage_shared.charge_key
    left join bundles_allocated
        on revenue_charges.charge_key = bundles_allocated.charge_key
),

stacked as (
    select
        span_id,
        charge_key,
        balance_key,
        {{ described | join(',\n        ') }},
        price_amount
    from charged
    union all
    select
        span_id,
        null as charge_key,
        balance_key,
        {{ described | join(',\n        ') }},
        price_amount
    from spans_beside
),

final as (
    select
        span_id,
        charge_key,
        balance_key,
        {{ described | join(',\n        ') }},
        {{ service_position('convention', 'earned_from_date') }} as start_position,
        {{ service_position('convention', 'weighed_to_date') }}
        - {{ service_position('convention', 'earned_from_date') }} as position_count,
        price_amount
    from stacked
)

select * from final

with intake_days as (
    select * from {{ ref('rpt_intake_reconciliation') }}
),

readings as (
    select * from {{ ref('fct_meter_readings') }}
    where is_current
),

reading_outcomes as (
    select * from {{ ref('fct_reading_outcomes') }}
),

usage_to_cash as (
    select * from {{ ref('rpt_usage_to_cash_reconciliation') }}
),

final as (
    {% for side, amount in [
        (1, 'lines_received'), (2, 'events_accepted + events_duplicate + events_rejected')
    ] -%}
        select
            {{ seam_side(
                'intake', side, "concat_ws(':', tenant_id, intake_date)", "'lines'", amount
            ) }}
        from intake_days
        union all
    {% endfor -%}
    {% for side, source in [(1, 'readings'), (2, 'reading_outcomes')] -%}
        select
            {{ seam_side('metering', side, 'meter_id', "'readings'", 'count(*)') }}
        from {{ source }}
        group by meter_id
        union all
    {% endfor -%}
    {% for side, amount in [
        (1, 'rated_net_amount'),
        (2, 'invoiced_amount + memo_amount + pending_amount + waived_amount + rounding_amount'),
    ] -%}
        select
            {{ seam_side(
                'usage_to_cash', side, "concat_ws(':', tenant_id, period_month)",
                'currency_code', amount
            ) }}
        from usage_to_cash
        {% if not loop.last %}union all{% endif %}
    {% endfor -%}
)

select * from final

-- Why this amount: one row for each event behind an invoice line, with the tiers, the plan version
-- and the decision.
-- dbt compile --select why_this_invoice_line --vars '{invoice_line_id: ...}'
with line as (
    select *
    from {{ ref('fct_invoice_lines') }}
    where invoice_line_id = '{{ var("invoice_line_id", "") }}'
),

steps as (
    select
        rated_usage_id,
        string_agg(
            concat_ws(
                ' ', step_kind, tier_number, discount_id, units, 'x', unit_price, '+', flat_amount,
                '=', amount
            ), '; '
            order by step_number
        ) as charged
    from {{ ref('fct_rated_breakdown') }}
    group by rated_usage_id
)

select
    line.description,
    line.amount,
    rated_usage.quantity as rated_quantity,
    rated_usage.billable_quantity,
    steps.charged,
    rated_usage.plan_version_id,
    receipts.policy_decision_id,
    line.receipt_id,
    readings.reading_id,
    readings.sequence as reading_sequence,
    readings.period_start_at,
    readings.quantity as reading_quantity,
    events.event_id,
    events.event_at,
    events.quantity as event_quantity,
    events.landed_file,
    events.line_number as landed_line_number
from line
inner join {{ ref('fct_rated_usage') }} as rated_usage
    on line.rated_usage_id = rated_usage.rated_usage_id
inner join steps
    on rated_usage.rated_usage_id = steps.rated_usage_id
inner join {{ ref('fct_receipts') }} as receipts
    on line.receipt_id = receipts.receipt_id
inner join {{ ref('fct_rated_usage_readings') }} as readings
    on rated_usage.rated_usage_id = readings.rated_usage_id
inner join {{ ref('fct_meter_reading_events') }} as reading_events
    on readings.reading_id = reading_events.reading_id
inner join {{ ref('fct_usage_events') }} as events
    on reading_events.event_id = events.event_id
order by events.event_at, events.event_id

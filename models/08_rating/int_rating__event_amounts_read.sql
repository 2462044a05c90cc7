with plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
    where amount_key is not null
),

meter_values as (
    select * from {{ ref('fct_meter_values') }}
),

usage_events as (
    select * from {{ ref('fct_usage_events') }}
),

wanted as (
    select distinct
        plan_lines.plan_line_id,
        plan_lines.amount_key,
        meter_values.tenant_id,
        meter_values.event_id
    from plan_lines
    inner join meter_values
        on plan_lines.meter_id = meter_values.meter_id
),

-- The price that an event brings along; null where it has none that is a number.
final as (
    select
        wanted.plan_line_id,
        wanted.tenant_id,
        wanted.event_id,
        {{ parse_exact_decimal(json_value('usage_events.metadata', 'wanted.amount_key'), 22, 9) }}
            as amount
    from wanted
    inner join usage_events
        on
            wanted.tenant_id = usage_events.tenant_id
            and wanted.event_id = usage_events.event_id
)

select * from final

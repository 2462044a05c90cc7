-- Metering to rating: for hourly meters, the rated readings of a contract line are its rated
-- quantity. Lines whose segment has not ended are left out: they also hold hours that are not
-- readings yet.
with readings as (
    select contract_line_id, sum(quantity) as quantity
    from {{ ref('fct_reading_outcomes') }}
    where status = 'rated'
    group by contract_line_id
),

hourly_lines as (
    select rated_usage.contract_line_id, rated_usage.quantity
    from {{ ref('fct_rated_usage') }} as rated_usage
    inner join {{ ref('dim_meters') }} as meters
        on rated_usage.meter_id = meters.meter_id and meters.reading_window = '1h'
    inner join {{ ref('dim_as_of') }} as as_of
        on
            rated_usage.segment_end_at + interval {{ var('reading_grace_hours') }} hour
            <= as_of.as_of_at
    where rated_usage.status = 'rated' and rated_usage.is_current
)

select hourly_lines.contract_line_id, hourly_lines.quantity, readings.quantity as reading_quantity
from hourly_lines
left join readings
    on hourly_lines.contract_line_id = readings.contract_line_id
where hourly_lines.quantity <> coalesce(readings.quantity, 0)

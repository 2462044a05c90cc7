-- Metering: every current reading ends in exactly one of rated, unpriced and not billable.
select readings.reading_id, count(outcomes.reading_id) as outcome_count
from {{ ref('fct_meter_readings') }} as readings
left join {{ ref('fct_reading_outcomes') }} as outcomes
    on readings.reading_id = outcomes.reading_id
where readings.is_current
group by readings.reading_id
having count(outcomes.reading_id) <> 1

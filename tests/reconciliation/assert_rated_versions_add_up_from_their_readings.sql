-- Rating to metering: for hourly meters, what a version was rated to be is what its readings, as
-- they were then, add up to.
with versions as (
    select rated_usage.*
    from {{ ref('fct_rated_usage') }} as rated_usage
    inner join {{ ref('dim_meters') }} as meters
        on rated_usage.meter_id = meters.meter_id and meters.reading_window = '1h'
    where
        rated_usage.contract_line_id is not null
        and (rated_usage.version > 1 or not rated_usage.is_current)
),

readings as (
    select rated_usage_id, sum(quantity) as quantity
    from {{ ref('fct_rated_usage_readings') }}
    where rated_usage_id in (select versions.rated_usage_id from versions)
    group by rated_usage_id
)

select versions.rated_usage_id, versions.quantity, readings.quantity as reading_quantity
from versions
left join readings
    on versions.rated_usage_id = readings.rated_usage_id
where versions.quantity <> coalesce(readings.quantity, 0)

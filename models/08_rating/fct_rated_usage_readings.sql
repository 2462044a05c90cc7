with lines_netted as (
    select * from {{ ref('int_rating__lines_netted') }}
),

readings as (
    select * from {{ ref('fct_meter_readings') }}
),

-- The readings of a segment as they were when the version was known: for the present one, as they
-- are. A month that reaches into two segments is a reading of both.
known as (
    select
        lines_netted.rated_usage_id,
        readings.*,
        row_number() over (
            partition by
                lines_netted.rated_usage_id, readings.dimensions_key,
                readings.period_start_at, readings.period_end_at
            order by readings.sequence desc
        ) as age_number
    from lines_netted
    inner join readings
        on
            lines_netted.tenant_id = readings.tenant_id
            and lines_netted.meter_id = readings.meter_id
            and lines_netted.segment_start_at < readings.period_end_at
            and lines_netted.segment_end_at > readings.period_start_at
            and {{ is_listed('readings.environment', 'lines_netted.environments') }}
            and {{ is_known('readings.known_from_at', 'lines_netted') }}
    where lines_netted.tiers_per <> 'group' or lines_netted.group_value = readings.group_value
),

final as (
    select
        rated_usage_id,
        reading_id,
        sequence,
        quantity,
        event_count,
        period_start_at,
        period_end_at
    from known
    where age_number = 1
)

select * from final

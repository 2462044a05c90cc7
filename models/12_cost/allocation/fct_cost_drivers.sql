with parcels as (
    select * from {{ ref('int_cost__parcels_handed_on') }}
    where driver = 'meter'
),

readings as (
    select * from {{ ref('fct_meter_readings_to_date') }}
),

series as (
    select * from {{ ref('dim_meter_series') }}
),

slices as (
    select distinct
        driver_meter_id,
        driver_grain,
        slice_start_at,
        slice_end_at
    from parcels
),

grains as (
    select distinct
        driver_meter_id,
        driver_grain
    from parcels
),

-- Every environment costs, so every environment drives. Windows that are still open drive by what
-- they come to so far.
measured as (
    select
        grains.driver_meter_id,
        grains.driver_grain,
        readings.tenant_id,
        series.pack_id,
        date_trunc(grains.driver_grain, readings.period_start_at) as measured_at,
        sum(readings.quantity) as quantity
    from readings
    inner join grains
        on readings.meter_id = grains.driver_meter_id
    inner join series
        on
            readings.meter_id = series.meter_id
            and readings.dimensions_key = series.dimensions_key
    group by
        grains.driver_meter_id,
        grains.driver_grain,
        readings.tenant_id,
        series.pack_id,
        date_trunc(grains.driver_grain, readings.period_start_at)
),

final as (
    select
        slices.driver_meter_id,
        slices.driver_grain,
        slices.slice_start_at,
        slices.slice_end_at,
        measured.tenant_id,
        measured.pack_id,
        {{ to_nanos('sum(measured.quantity)') }} as weight
    from slices
    inner join measured
        on
            slices.driver_meter_id = measured.driver_meter_id
            and slices.driver_grain = measured.driver_grain
            and slices.slice_start_at <= measured.measured_at
            and slices.slice_end_at > measured.measured_at
    group by
        slices.driver_meter_id,
        slices.driver_grain,
        slices.slice_start_at,
        slices.slice_end_at,
        measured.tenant_id,
        measured.pack_id
    having sum(measured.quantity) > 0
)

select * from final

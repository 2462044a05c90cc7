with readings as (
    select * from {{ ref('fct_meter_readings') }}
),

-- Every environment costs, so every environment drives. Weights are whole millionths of the meter's
-- unit.
final as (
    select
        meter_id as driver_meter_id,
        tenant_id,
        pack_id,
        cast(date_trunc('month', period_start_at) as date) as cost_month,
        cast(round(sum(quantity), 6) * 1000000 as hugeint) as weight
    from readings
    where is_current
    group by
        meter_id,
        tenant_id,
        pack_id,
        cast(date_trunc('month', period_start_at) as date)
    having round(sum(quantity), 6) > 0
)

select * from final

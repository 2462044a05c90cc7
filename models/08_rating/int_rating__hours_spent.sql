with contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

meter_hours as (
    select * from {{ ref('fct_meter_hours') }}
),

meters as (
    select * from {{ ref('dim_meters') }}
),

unit_grants as (
    select * from {{ ref('dim_unit_grants') }}
),

commitments as (
    select * from {{ ref('dim_time_of_day_commitments') }}
),

-- A line whose plan prices another unit than the meter's has no hours that could be drawn from.
plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
    where unit_multiplier = 1 and unit_divisor = 1 and rounding_function is null
),

drawing_contracts as (
    select contract_id from unit_grants
    union
    select contract_id from commitments
),

-- Without grants and commitments nothing below has a row, and no hour is looked at.
drawing_lines as (
    select
        contract_lines.*,
        cast(coalesce(meters.unit_multiplier, 1) as hugeint) as unit_multiplier,
        cast(coalesce(meters.unit_divisor, 1) as hugeint) as divisor,
        meters.rounding_function,
        {{ nanos_of_precision('meters.rounding_precision') }} as rounding_nanos,
        cast({{ from_nanos(half_away_quotient(
            to_nanos('contract_lines.free_quantity') ~ ' * contract_lines.segment_day_count',
            'contract_lines.full_day_count',
        )) }} as decimal(22, 9)) as allowance_quantity
    from contract_lines
    inner join drawing_contracts
        on contract_lines.contract_id = drawing_contracts.contract_id
    left join meters
        on
            contract_lines.meter_id = meters.meter_id
            and contract_lines.segment_start_at >= meters.effective_from_at
            and contract_lines.segment_start_at < meters.effective_to_at
    inner join plan_lines
        on contract_lines.plan_line_id = plan_lines.plan_line_id
    where contract_lines.line_kind = 'usage' and contract_lines.tiers_per = 'line'
),

hours as (
    select
        drawing_lines.contract_line_id,
        meter_hours.hour_start_at,
        sum(meter_hours.quantity) as quantity
    from meter_hours
    inner join drawing_lines
        on
            meter_hours.tenant_id = drawing_lines.tenant_id
            and meter_hours.meter_id = drawing_lines.meter_id
            and meter_hours.hour_start_at >= drawing_lines.segment_start_at
            and meter_hours.hour_start_at < drawing_lines.segment_end_at
            and {{ is_listed('meter_hours.environment', 'drawing_lines.environments') }}
    where meter_hours.aggregation in ('sum', 'count')
    group by
        drawing_lines.contract_line_id,
        meter_hours.hour_start_at
),

running as (
    select
        drawing_lines.*,
        hours.hour_start_at,
        {{ to_nanos(
            'sum(hours.quantity) over (partition by hours.contract_line_id '
            ~ 'order by hours.hour_start_at rows between unbounded preceding and current row)'
        ) }} as amount
    from hours
    inner join drawing_lines
        on hours.contract_line_id = drawing_lines.contract_line_id
),

-- Converted and rounded as the whole line is, so that the hours add up to it.
converted as (
    select
        *,
        {{ metered_quantity('amount') }} as quantity_so_far,
        greatest({{ metered_quantity('amount') }} - allowance_quantity, 0) as exceeding_so_far
    from running
),

final as (
    select
        contract_line_id,
        contract_id,
        plan_version_id,
        plan_line_id,
        meter_id,
        pack_id,
        hour_start_at,
        cast(quantity_so_far - lag(quantity_so_far, 1, 0) over line as decimal(22, 9))
            as quantity,
        cast(exceeding_so_far - lag(exceeding_so_far, 1, 0) over line as decimal(22, 9))
            as exceeding_quantity
    from converted
    window line as (partition by contract_line_id order by hour_start_at)
)

select * from final

with contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

usage_added as (
    select * from {{ ref('int_rating__usage_added') }}
),

actors_counted as (
    select * from {{ ref('int_rating__actors_counted') }}
),

levels_held as (
    select * from {{ ref('int_rating__levels_held') }}
),

values_ranked as (
    select * from {{ ref('int_rating__values_ranked') }}
),

meters as (
    select * from {{ ref('dim_meters') }}
),

metered as (
    select * from usage_added
    union all
    select * from actors_counted
    union all
    select * from levels_held
    union all
    select * from values_ranked
),

-- In the unit of the meter, as its definition at the start of the segment says.
converted as (
    select
        metered.contract_line_id,
        metered.event_count,
        metered.event_digest,
        {{ to_nanos('metered.quantity') }} as amount,
        cast(coalesce(meters.unit_multiplier, 1) as hugeint) as unit_multiplier,
        cast(coalesce(meters.unit_divisor, 1) as hugeint) as divisor,
        meters.rounding_function,
        {{ nanos_of_precision('meters.rounding_precision') }} as rounding_nanos
    from metered
    inner join contract_lines
        on metered.contract_line_id = contract_lines.contract_line_id
    left join meters
        on
            contract_lines.meter_id = meters.meter_id
            and contract_lines.segment_start_at >= meters.effective_from_at
            and contract_lines.segment_start_at < meters.effective_to_at
),

allowed as (
    select
        contract_lines.*,
        coalesce({{ metered_quantity('metered.amount', 'metered') }}, 0) as quantity,
        coalesce(metered.event_count, 0) as event_count,
        coalesce(metered.event_digest, 0) as event_digest,
        -- A segment of part of a period gets that part of the allowance.
        cast({{ from_nanos(half_away_quotient(
            to_nanos('contract_lines.free_quantity') ~ ' * contract_lines.segment_day_count',
            'contract_lines.full_day_count',
        )) }} as decimal(22, 9)) as allowance_quantity
    from contract_lines
    left join converted as metered
        on contract_lines.contract_line_id = metered.contract_line_id
    where contract_lines.line_kind = 'usage'
),

final as (
    select
        contract_line_id,
        contract_id,
        tenant_id,
        plan_line_id,
        plan_version_id,
        policy_decision_id,
        meter_id,
        pack_id,
        charge_model,
        currency_code,
        period_month,
        cast(quantity as decimal(38, 9)) as quantity,
        allowance_quantity,
        cast(greatest(quantity - allowance_quantity, 0) as decimal(38, 9)) as billable_quantity,
        package_size,
        event_count,
        event_digest,
        segment_start_at,
        segment_end_at
    from allowed
)

select * from final

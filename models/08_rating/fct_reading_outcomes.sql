with readings as (
    select * from {{ ref('fct_meter_readings') }}
),

meters as (
    select * from {{ ref('dim_meters') }}
),

contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

lines_unpriced as (
    select distinct contract_line_id
    from {{ ref('fct_rated_charges') }}
    where usage_amount is null
),

-- A window of a month can reach into two segments; it is accounted for by the first.
covered as (
    select
        readings.reading_id,
        min_by(
            contract_lines.contract_line_id,
            concat(contract_lines.segment_start_at, contract_lines.contract_line_id)
        ) filter (
            where {{ is_listed('readings.environment', 'contract_lines.environments') }}
        ) as contract_line_id,
        min(contract_lines.contract_id) as contract_id
    from readings
    inner join contract_lines
        on
            readings.tenant_id = contract_lines.tenant_id
            and readings.meter_id = contract_lines.meter_id
            and readings.period_start_at < contract_lines.segment_end_at
            and readings.period_end_at > contract_lines.segment_start_at
    where readings.is_current
    group by readings.reading_id
),

final as (
    select
        readings.reading_id,
        readings.sequence,
        readings.tenant_id,
        readings.meter_id,
        readings.dimensions_key,
        readings.pack_id,
        readings.environment,
        covered.contract_line_id,
        covered.contract_id,
        case
            when not meters.is_billable then 'not_billable'
            when lines_unpriced.contract_line_id is not null then 'unpriced'
            when covered.contract_line_id is not null then 'rated'
            when readings.environment <> 'production' then 'not_billable'
            else 'unpriced'
        end as status,
        readings.quantity,
        readings.event_count,
        cast(date_trunc('month', readings.period_start_at) as date) as period_month,
        readings.period_start_at,
        readings.period_end_at
    from readings
    inner join meters
        on
            readings.meter_id = meters.meter_id
            and readings.period_start_at >= meters.effective_from_at
            and readings.period_start_at < meters.effective_to_at
    left join covered
        on readings.reading_id = covered.reading_id
    left join lines_unpriced
        on covered.contract_line_id = lines_unpriced.contract_line_id
    where readings.is_current
)

select * from final

with contract_lines as (
    select * from {{ ref('fct_rated_lines') }}
),

meter_hours as (
    select * from {{ ref('fct_meter_hours') }}
),

-- Sums and counts of what is rated as one, from the hours in it and the environments that bill.
final as (
    select
        contract_lines.contract_line_id,
        {{ rated_group('meter_hours') }} as group_value,
        {{ rated_window('meter_hours.hour_start_at') }} as window_start_at,
        cast(sum(meter_hours.quantity) as decimal(38, 9)) as quantity,
        cast(sum(meter_hours.event_count) as bigint) as event_count,
        cast(sum(meter_hours.event_digest) as hugeint) as event_digest
    from contract_lines
    inner join meter_hours
        on
            contract_lines.tenant_id = meter_hours.tenant_id
            and contract_lines.meter_id = meter_hours.meter_id
            and contract_lines.rated_from_at <= meter_hours.hour_start_at
            and contract_lines.segment_end_at > meter_hours.hour_start_at
            and {{ is_listed('meter_hours.environment', 'contract_lines.environments') }}
            and {{ is_known('meter_hours.landed_at', 'contract_lines') }}
    where meter_hours.aggregation in ('sum', 'count')
    group by
        contract_lines.contract_line_id,
        {{ rated_group('meter_hours') }},
        {{ rated_window('meter_hours.hour_start_at') }}
)

select * from final

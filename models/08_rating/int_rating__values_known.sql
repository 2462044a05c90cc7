with contract_lines as (
    select * from {{ ref('fct_rated_lines') }}
),

meter_values as (
    select * from {{ ref('fct_meter_values') }}
),

-- The values of what is rated as one; one that was taken back is no member.
final as (
    select
        contract_lines.contract_line_id,
        {{ rated_group('meter_values') }} as group_value,
        {{ rated_window('meter_values.metered_at') }} as window_start_at,
        meter_values.tenant_id,
        meter_values.meter_id,
        meter_values.aggregation,
        meter_values.base_window,
        meter_values.event_id,
        meter_values.quantity,
        meter_values.metered_at,
        sum(meter_values.weight) > 0 as is_member,
        sum(meter_values.event_count) as event_count,
        sum(meter_values.event_digest) as event_digest
    from contract_lines
    inner join meter_values
        on
            contract_lines.tenant_id = meter_values.tenant_id
            and contract_lines.meter_id = meter_values.meter_id
            and contract_lines.rated_from_at <= meter_values.metered_at
            and contract_lines.segment_end_at > meter_values.metered_at
            and {{ is_listed('meter_values.environment', 'contract_lines.environments') }}
            and {{ is_known('meter_values.landed_at', 'contract_lines') }}
    group by all
)

select * from final

{%- set line = [
    'values_in_force.contract_line_id', 'values_in_force.group_value',
    'values_in_force.window_start_at', 'values_in_force.is_member',
] | join(', ') -%}
with contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

meter_values as (
    select * from {{ ref('fct_meter_values') }}
),

meters as (
    select * from {{ ref('dim_meters') }}
),

values_in_force as (
    select
        contract_lines.contract_line_id,
        {{ rated_group('meter_values') }} as group_value,
        {{ rated_window('meter_values.metered_at') }} as window_start_at,
        meter_values.aggregation,
        meters.percentile,
        meter_values.is_member,
        meter_values.event_id,
        {{ window_start('meter_values.base_window', 'meter_values.metered_at') }}
            as bucket_start_at,
        meter_values.quantity,
        meter_values.event_count,
        meter_values.event_digest,
        meter_values.metered_at
    from contract_lines
    inner join meter_values
        on
            contract_lines.tenant_id = meter_values.tenant_id
            and contract_lines.meter_id = meter_values.meter_id
            and contract_lines.rated_from_at <= meter_values.metered_at
            and contract_lines.segment_end_at > meter_values.metered_at
            and {{ is_listed('meter_values.environment', 'contract_lines.environments') }}
    inner join meters
        on
            meter_values.meter_id = meters.meter_id
            and meter_values.metered_at >= meters.effective_from_at
            and meter_values.metered_at < meters.effective_to_at
    where meter_values.aggregation not in ('sum', 'count')
),

ranked as (
    select
        values_in_force.*,
        {{ percentile_rank('count(*) over line', 'values_in_force.percentile') }}
            as percentile_rank,
        row_number() over (line order by values_in_force.quantity, values_in_force.event_id)
            as rank_number,
        row_number() over (
            line order by values_in_force.metered_at desc, values_in_force.event_id desc
        ) as age_number,
        row_number() over (
            partition by {{ line }}, values_in_force.bucket_start_at
            order by values_in_force.quantity desc, values_in_force.event_id asc
        ) as bucket_rank_number
    from values_in_force
    window line as (partition by {{ line }})
),

-- Over all that is rated as one, from the values themselves, as the readings are.
final as (
    select
        contract_line_id,
        group_value,
        window_start_at,
        cast({{ ranked_value() }} as decimal(38, 9)) as quantity,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(event_digest) as hugeint) as event_digest
    from ranked
    group by
        contract_line_id,
        group_value,
        window_start_at,
        aggregation
)

select * from final

{%- set line = [
    'values_in_force.contract_line_id', 'values_in_force.group_value',
    'values_in_force.window_start_at', 'values_in_force.is_member',
] | join(', ') -%}
with values_known as (
    select * from {{ ref('int_rating__values_known') }}
),

meters as (
    select * from {{ ref('dim_meters') }}
),

values_in_force as (
    select
        values_known.*,
        meters.percentile,
        {{ window_start('values_known.base_window', 'values_known.metered_at') }}
            as bucket_start_at
    from values_known
    inner join meters
        on
            values_known.meter_id = meters.meter_id
            and values_known.metered_at >= meters.effective_from_at
            and values_known.metered_at < meters.effective_to_at
    where values_known.aggregation not in ('sum', 'count')
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

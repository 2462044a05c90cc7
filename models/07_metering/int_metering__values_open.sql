{%- set line = [
    'placed.tenant_id', 'placed.meter_id', 'placed.dimensions_key', 'placed.window_start_at',
    'placed.is_member',
] | join(', ') -%}
with meter_values as (
    select * from {{ ref('fct_meter_values') }}
),

open_windows as (
    select * from {{ ref('dim_meter_windows') }}
    where closed_at is null
),

meters as (
    select * from {{ ref('dim_meters') }}
),

placed as (
    select
        meter_values.tenant_id,
        meter_values.meter_id,
        meter_values.dimensions_key,
        meter_values.aggregation,
        meter_values.event_id,
        meter_values.quantity,
        meter_values.metered_at,
        sum(meter_values.weight) > 0 as is_member,
        sum(meter_values.event_count) as event_count,
        sum(meter_values.event_digest) as event_digest,
        open_windows.window_start_at,
        open_windows.window_end_at,
        {{ window_start('meter_values.base_window', 'meter_values.metered_at') }}
            as bucket_start_at
    from meter_values
    inner join open_windows
        on
            {{ window_key('meter_values.reading_window', 'meter_values.metered_at') }}
            = open_windows.window_key
    group by all
),

ranked as (
    select
        placed.*,
        {{ percentile_rank('count(*) over line', 'meters.percentile') }} as percentile_rank,
        row_number() over (line order by placed.quantity, placed.event_id) as rank_number,
        row_number() over (line order by placed.metered_at desc, placed.event_id desc)
            as age_number,
        row_number() over (
            partition by {{ line }}, placed.bucket_start_at
            order by placed.quantity desc, placed.event_id asc
        ) as bucket_rank_number
    from placed
    inner join meters
        on
            placed.meter_id = meters.meter_id
            and placed.window_start_at >= meters.effective_from_at
            and placed.window_start_at < meters.effective_to_at
    window line as (partition by {{ line }})
),

-- From the values themselves, as the reading will be.
final as (
    select
        tenant_id,
        meter_id,
        dimensions_key,
        window_start_at,
        window_end_at,
        {{ to_nanos(ranked_value()) }} as metered_nanos,
        sum(event_count) as event_count,
        sum(event_digest) as event_digest
    from ranked
    group by
        tenant_id,
        meter_id,
        dimensions_key,
        window_start_at,
        window_end_at,
        aggregation
)

select * from final

{%- set pending_at = readings_pending_at() -%}
with placed as (
    select * from {{ ref('int_metering__values_placed') }}
),

meters as (
    select * from {{ ref('dim_meters') }}
),

versions as (
    select distinct
        tenant_id,
        meter_id,
        dimensions_key,
        window_start_at,
        window_end_at,
        closed_at,
        known_from_at
    from placed
    where known_from_at >= {{ pending_at }}
),

-- All that a version knows of; a value that was taken back is none of its members.
known as (
    select
        versions.*,
        placed.bucket_start_at,
        placed.event_id,
        placed.quantity,
        placed.metered_at,
        sum(placed.weight) > 0 as is_member,
        sum(placed.source_weight) as source_weight,
        sum(placed.correction_count) as correction_count,
        sum(placed.event_digest) as event_digest
    from versions
    inner join placed
        on
            versions.tenant_id = placed.tenant_id
            and versions.meter_id = placed.meter_id
            and versions.dimensions_key = placed.dimensions_key
            and versions.window_start_at = placed.window_start_at
            and versions.known_from_at >= placed.known_from_at
    group by all
),

ranked as (
    select
        known.*,
        meters.aggregation,
        {{ percentile_rank('count(*) over everything', 'meters.percentile') }} as percentile_rank,
        row_number() over (everything order by known.quantity, known.event_id) as rank_number,
        row_number() over (
            everything order by known.metered_at desc, known.event_id desc
        ) as age_number,
        row_number() over (
            partition by
                known.tenant_id, known.meter_id, known.dimensions_key, known.window_start_at,
                known.known_from_at, known.is_member, known.bucket_start_at
            order by known.quantity desc, known.event_id asc
        ) as bucket_rank_number
    from known
    inner join meters
        on
            known.meter_id = meters.meter_id
            and known.window_start_at >= meters.effective_from_at
            and known.window_start_at < meters.effective_to_at
    window
        everything as (
            partition by
                known.tenant_id, known.meter_id, known.dimensions_key, known.window_start_at,
                known.known_from_at, known.is_member
        )
),

final as (
    select
        tenant_id,
        meter_id,
        dimensions_key,
        window_start_at,
        window_end_at,
        known_from_at = closed_at as is_first,
        true as is_absolute,
        {{ to_nanos(ranked_value()) }} as metered_nanos,
        cast(sum(source_weight) as bigint) as event_count,
        cast(sum(correction_count) as bigint) as correction_count,
        cast(sum(event_digest) as hugeint) as event_digest,
        known_from_at
    from ranked
    group by
        tenant_id,
        meter_id,
        dimensions_key,
        window_start_at,
        window_end_at,
        closed_at,
        known_from_at,
        aggregation
)

select * from final

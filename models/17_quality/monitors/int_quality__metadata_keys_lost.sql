with metadata_shapes as (
    select * from {{ ref('int_quality__metadata_shapes') }}
),

-- Few shapes stand for all events.
keys as (
    select distinct
        category,
        event_type,
        landed_at,
        unnest(json_keys(metadata_shape)) as metadata_key
    from metadata_shapes
),

key_batches as (
    select
        category,
        event_type,
        metadata_key,
        min(landed_at) as first_landed_at,
        max(landed_at) as last_landed_at,
        count(*) as batch_count
    from keys
    group by
        category,
        event_type,
        metadata_key
),

-- A key that was in some batches only is optional, and its absence says nothing.
final as (
    select
        key_batches.category,
        key_batches.event_type,
        key_batches.metadata_key,
        key_batches.last_landed_at,
        any_value(key_batches.batch_count) as batch_count,
        date_diff('day', key_batches.last_landed_at, max(metadata_shapes.landed_at)) as age_days
    from key_batches
    inner join metadata_shapes
        on
            key_batches.category = metadata_shapes.category
            and key_batches.event_type = metadata_shapes.event_type
            and key_batches.first_landed_at <= metadata_shapes.landed_at
    group by
        key_batches.category,
        key_batches.event_type,
        key_batches.metadata_key,
        key_batches.last_landed_at
    having
        max(metadata_shapes.landed_at) > key_batches.last_landed_at
        and any_value(key_batches.batch_count)
        = count(distinct case
            when metadata_shapes.landed_at <= key_batches.last_landed_at
                then metadata_shapes.landed_at
        end)
)

select * from final

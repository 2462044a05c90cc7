with metadata_shapes as (
    select * from {{ ref('int_quality__metadata_shapes') }}
),

kinds as (
    select
        category,
        event_type,
        min(landed_at) as kind_first_landed_at
    from metadata_shapes
    group by
        category,
        event_type
),

-- Few shapes stand for all events.
keys as (
    select
        category,
        event_type,
        landed_at,
        event_count,
        metadata_shape,
        unnest(json_keys(metadata_shape)) as metadata_key
    from metadata_shapes
),

-- What is nested is an object, whatever it holds; what is null has no type yet.
typed as (
    select
        category,
        event_type,
        landed_at,
        event_count,
        metadata_key,
        case json_type(metadata_shape, concat('$."', metadata_key, '"'))
            when 'VARCHAR'
                then lower(json_extract_string(metadata_shape, concat('$."', metadata_key, '"')))
            when 'OBJECT' then 'object'
            else 'array'
        end as value_type
    from keys
),

final as (
    select
        typed.category,
        typed.event_type,
        typed.metadata_key,
        typed.value_type,
        min(typed.landed_at) as first_landed_at,
        max(typed.landed_at) as last_landed_at,
        cast(sum(typed.event_count) as bigint) as event_count,
        date_diff('day', min(kinds.kind_first_landed_at), min(typed.landed_at)) as age_days
    from typed
    inner join kinds
        on
            typed.category = kinds.category
            and typed.event_type = kinds.event_type
    group by
        typed.category,
        typed.event_type,
        typed.metadata_key,
        typed.value_type
)

select * from final

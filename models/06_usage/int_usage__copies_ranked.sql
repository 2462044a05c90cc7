with landed_events as (
    select * from {{ ref('fct_landed_events') }}
),

-- Only ids that stand more than once are compared; a bucket shared by two different ids is sorted
-- out below.
shared_buckets as (
    select {{ id_bucket('event_id') }} as id_bucket
    from landed_events
    where reasons = ''
    group by {{ id_bucket('event_id') }}
    having count(*) > 1
),

candidates as (
    select
        landed_file,
        line_number,
        event_id,
        {{ content_id([
            'tenant_id', 'event_at', 'category', 'event_type', 'quantity',
            canonical_json('metadata'),
        ]) }} as content_key,
        landed_at
    from landed_events
    where
        reasons = ''
        and {{ id_bucket('event_id') }} in (
            select shared_buckets.id_bucket from shared_buckets
        )
),

ranked as (
    select
        landed_file,
        line_number,
        event_id,
        content_key,
        row_number() over landing_order as copy_number,
        first_value(landed_file) over landing_order as first_landed_file,
        first_value(content_key) over landing_order as first_content_key
    from candidates
    window
        landing_order as (
            partition by event_id order by landed_at, landed_file, line_number
        )
),

final as (
    select
        landed_file,
        line_number,
        event_id,
        first_landed_file,
        content_key = first_content_key as is_same_content,
        copy_number
    from ranked
    where copy_number > 1
)

select * from final

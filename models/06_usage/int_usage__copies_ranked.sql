{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_pending('fct_landed_events') }}",
    post_hook="{{ record_batches('fct_landed_events') }}",
) }}
{%- set first_pending_at = first_pending_at('fct_landed_events') -%}
{#- The engine keeps a step that is read twice in memory, so each reads only what it needs. -#}
with pending as (
    select
        id_bucket,
        count(*) as line_count
    from {{ ref('fct_landed_events') }}
    where reasons = '' and landed_at >= {{ first_pending_at }}
    group by id_bucket
),

-- An id can only be a copy if its bucket stands more than once: in what is pending, or in all that
-- landed before. That takes one pass over a column of small integers, and no key on the table.
shared_buckets as (
    select id_bucket
    from pending
    where line_count > 1
    {% if is_incremental() -%}
        union all
        select id_bucket
        from {{ ref('fct_landed_events') }}
        where
            landed_at < {{ first_pending_at }}
            and id_bucket in (select pending.id_bucket from pending)
    {%- endif %}
),

candidates as (
    select
        landed_file,
        line_number,
        event_id,
        id_bucket,
        tenant_id,
        content_bucket,
        event_at,
        landed_at
    from {{ ref('fct_landed_events') }}
    where
        reasons = ''
        and id_bucket in (select shared_buckets.id_bucket from shared_buckets)
),

-- Lines that are the same to the letter need no second look; of the others, which are few, the
-- metadata is compared without regard to the order of its keys.
disputed as (
    select event_id
    from candidates
    group by event_id
    having min(content_bucket) <> max(content_bucket)
),

spelled_out as (
    select
        landed_file,
        line_number,
        {{ content_id([
            'tenant_id', 'event_at', 'category', 'event_type', 'quantity',
            canonical_json('metadata'),
        ]) }} as content_key
    from {{ ref('fct_landed_events') }}
    where
        reasons = ''
        and id_bucket in (
            select candidates.id_bucket
            from candidates
            inner join disputed
                on candidates.event_id = disputed.event_id
        )
),

compared as (
    select
        candidates.*,
        coalesce(spelled_out.content_key, '') as content_key
    from candidates
    left join spelled_out
        on
            candidates.landed_file = spelled_out.landed_file
            and candidates.line_number = spelled_out.line_number
),

ranked as (
    select
        *,
        row_number() over landing_order as copy_number,
        first_value(landed_file) over landing_order as first_landed_file,
        first_value(content_key) over landing_order as first_content_key
    from compared
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
        tenant_id,
        first_landed_file,
        content_key = first_content_key as is_same_content,
        copy_number,
        event_at,
        landed_at
    from ranked
    where copy_number > 1 and landed_at >= {{ first_pending_at }}
)

select * from final

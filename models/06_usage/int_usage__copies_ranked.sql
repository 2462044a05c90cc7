{{ config(
    materialized='incremental',
    incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ forget_pending('fct_landed_events') }}",
    post_hook="{{ record_batches('fct_landed_events') }}",
) }}
{%- set first_pending_at = first_pending_at('fct_landed_events') -%}
{%- set columns = 'landed_file, line_number, event_id, id_bucket, tenant_id, content_bucket, '
    ~ 'event_at, landed_at' -%}
{%- set narrow_columns = columns
    | replace('event_id', 'cast(null as varchar) as event_id')
    | replace('tenant_id', 'cast(null as varchar) as tenant_id')
    | replace('event_at', 'cast(null as timestamp) as event_at') -%}
{#- The engine keeps a step that is read twice in memory, so each reads only what it needs. -#}
with repeated as (
    select id_bucket
    from {{ ref('fct_landed_events') }}
    where reasons = '' and landed_at >= {{ first_pending_at }}
    group by id_bucket
    having count(*) > 1
),

-- An id can only be a copy if its bucket stands more than once, in what is pending or before. That
-- takes one pass over narrow columns of numbers, and no key on the table; ids stay unread.
former as (
    select {{ narrow_columns }}
    from {{ ref('fct_landed_events') }}
    where
        reasons = ''
        and landed_at < {{ first_pending_at }}
        {% if is_incremental() -%}
            and id_bucket in (
                select pending.id_bucket
                from {{ ref('fct_landed_events') }} as pending
                where pending.landed_at >= {{ first_pending_at }}
            )
        {%- endif %}
),

candidates as (
    select {{ columns }}
    from {{ ref('fct_landed_events') }}
    where
        reasons = ''
        and landed_at >= {{ first_pending_at }}
        and id_bucket in (
            select repeated.id_bucket from repeated
            union all
            select former.id_bucket from former
        )
    union all
    select {{ columns }} from former
),

-- The content number holds a second, independent number of the id, so lines that share a bucket and
-- a content number need no second look. Of the others, which are few, the id is compared, and the
-- metadata without regard to the order of its keys.
unlike as (
    select id_bucket from candidates
    group by id_bucket
    having min(content_bucket) <> max(content_bucket)
),

disputed as (
    select id_bucket, landed_at
    from candidates
    where id_bucket in (select unlike.id_bucket from unlike)
),

spelled_out as (
    select
        landed_file,
        line_number,
        event_id,
        {{ content_id([
            'tenant_id', 'event_at', 'category', 'event_type', 'quantity',
            canonical_json('metadata'),
        ]) }} as content_key
    from {{ ref('fct_landed_events') }}
    where
        reasons = ''
        and landed_at in (select disputed.landed_at from disputed)
        and id_bucket in (select disputed.id_bucket from disputed)
),

ranked as (
    select
        candidates.*,
        coalesce(spelled_out.content_key, '') as content_key,
        row_number() over landing_order as copy_number,
        first_value(candidates.landed_file) over landing_order as first_landed_file,
        first_value(coalesce(spelled_out.content_key, '')) over landing_order as first_content_key
    from candidates
    left join spelled_out
        on
            candidates.landed_file = spelled_out.landed_file
            and candidates.line_number = spelled_out.line_number
    window
        landing_order as (
            partition by candidates.id_bucket, coalesce(spelled_out.event_id, '')
            order by candidates.landed_at, candidates.landed_file, candidates.line_number
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

{%- set detail_keys, distinct_keys = meter_detail_keys(), meter_distinct_keys() -%}
with events as (
    select * from {{ ref('fct_usage_events') }}
),

corrections as (
    select * from {{ ref('fct_usage_corrections') }}
),

restated as (
    select * from {{ ref('int_metering__corrections_restated') }}
),

-- Where a correction was taken from, and where it goes.
sides as (
    select -1 as sign
    union all
    select 1 as sign
),

-- An event counts when it lands. A correction that finds its event then counts in that event's
-- period, and only by its quantity.
landed as (
    select
        tenant_id,
        {{ class_key_of('class_key', 'metadata', detail_keys) }} as class_key,
        event_id,
        actor_id,
        {{ details_of('metadata', distinct_keys) }} as details,
        case when resolved_at = landed_at then 0 else 1 end as weight,
        1 as source_weight,
        case when resolved_at = landed_at then 1 else 0 end as correction_count,
        quantity,
        quantity as member_quantity,
        byte_count,
        event_digest,
        case when resolved_at = landed_at then metered_at else event_at end as metered_at,
        landed_at
    from events
),

-- One whose event lands later moves there when it does.
moved as (
    select
        corrections.tenant_id,
        {{ class_key_of(
            'corrections.correcting_class_key', 'corrections.correcting_metadata', detail_keys
        ) }} as class_key,
        corrections.correcting_event_id as event_id,
        corrections.correcting_actor_id as actor_id,
        {{ details_of('corrections.correcting_metadata', distinct_keys) }} as details,
        case when sides.sign < 0 then -1 else 0 end as weight,
        sides.sign as source_weight,
        1 as correction_count,
        cast(corrections.correcting_quantity * sides.sign as decimal(22, 9)) as quantity,
        corrections.correcting_quantity as member_quantity,
        corrections.correcting_byte_count * sides.sign as byte_count,
        corrections.correcting_event_digest * sides.sign as event_digest,
        case
            when sides.sign < 0 then corrections.correcting_event_at
            else corrections.corrected_event_at
        end as metered_at,
        corrections.landed_at
    from corrections
    cross join sides
    where corrections.landed_at > corrections.correcting_landed_at
),

together as (
    select * from landed
    union all
    select * from moved
    union all
    select * from restated
),

final as (
    select
        tenant_id,
        class_key,
        event_id,
        actor_id,
        details,
        weight,
        source_weight,
        correction_count,
        quantity,
        member_quantity,
        byte_count,
        event_digest,
        metered_at,
        landed_at
    from together
)

select * from final

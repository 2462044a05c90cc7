{%- set pending_at = readings_pending_at() -%}
{%- set closing_from_at = windows_closing_from(pending_at, ['1d', 'month']) -%}
with selectors as (
    select *
    from {{ ref('int_metering__selectors_matched') }}
    where aggregation in ('count_distinct', 'count_distinct_prorated')
),

windows as (
    select *
    from {{ ref('dim_meter_windows') }}
    where closed_at is not null
),

-- Whether an actor is new to a window is known from all that the actor did in it.
pending as (
    select *
    from {{ ref('int_metering__actors_seen') }}
    where landed_at >= {{ pending_at }}
    union all
    select *
    from {{ ref('int_metering__actors_seen') }}
    where landed_at < {{ pending_at }} and day_start_at >= {{ closing_from_at }}
    union all
    select *
    from {{ ref('int_metering__actors_seen') }}
    where
        landed_at < {{ pending_at }}
        and day_start_at < {{ closing_from_at }}
        and actor_id in (
            select late.actor_id
            from {{ ref('int_metering__actors_seen') }} as late
            where
                late.landed_at >= {{ pending_at }}
                and late.day_start_at < (
                    select max(closed.window_end_at) as closed_until_at
                    from {{ ref('dim_meter_windows') }} as closed
                    where
                        closed.reading_window in ('1d', 'month')
                        and closed.closed_at < {{ pending_at }}
                )
        )
),

active as (
    select
        pending.tenant_id,
        selectors.meter_id,
        selectors.dimensions_key,
        windows.window_start_at,
        windows.window_end_at,
        windows.closed_at,
        pending.actor_id,
        case selectors.aggregation when 'count_distinct_prorated' then pending.day_start_at end
            as active_day_at,
        {{ later_of('windows.closed_at', 'pending.landed_at') }} as known_from_at,
        sum(pending.event_count) as event_count,
        sum(pending.source_event_count) as source_event_count,
        sum(pending.correction_count) as correction_count,
        sum(pending.event_digest) as event_digest
    from pending
    inner join selectors
        on
            pending.class_key = selectors.class_key
            and pending.distinct_key is not distinct from selectors.distinct_key
            and pending.day_start_at >= selectors.effective_from_at
            and pending.day_start_at < selectors.effective_to_at
    inner join windows
        on
            {{ window_key('selectors.reading_window', 'pending.day_start_at') }}
            = windows.window_key
    group by all
),

-- An actor counts from the batch that brings the first event, until one takes the last away.
counted as (
    select
        *,
        sum(event_count) over (
            partition by
                tenant_id, meter_id, dimensions_key, window_start_at, actor_id, active_day_at
            order by known_from_at
        ) as events_until_now
    from active
),

final as (
    select
        tenant_id,
        meter_id,
        dimensions_key,
        window_start_at,
        window_end_at,
        known_from_at = closed_at as is_first,
        false as is_absolute,
        cast(sum(
            case when events_until_now > 0 then 1 else 0 end
            - case when events_until_now - event_count > 0 then 1 else 0 end
        ) as hugeint) * 1000000000 as metered_nanos,
        cast(sum(source_event_count) as bigint) as event_count,
        cast(sum(correction_count) as bigint) as correction_count,
        cast(sum(event_digest) as hugeint) as event_digest,
        known_from_at
    from counted
    where known_from_at >= {{ pending_at }}
    group by all
)

select * from final

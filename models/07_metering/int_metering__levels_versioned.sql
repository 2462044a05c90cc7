{%- set pending_at = readings_pending_at() -%}
{%- set month_length = microseconds_between('months.window_start_at', 'months.window_end_at') -%}
with levels_changed as (
    select *
    from {{ ref('int_metering__levels_changed') }}
    {% if 'infinity' in windows_closing_from(pending_at, ['month']) -%}
        where landed_at >= {{ pending_at }}
    {%- endif %}
),

selectors as (
    select *
    from {{ ref('int_metering__selectors_matched') }}
    where aggregation in ('time_weighted', 'sum_prorated')
),

months as (
    select *
    from {{ ref('dim_meter_windows') }}
    where reading_window = 'month' and closed_at is not null
),

-- What the changes of a month come to by its end, had the level been zero before. Prorated sums
-- count the day of a change in full.
changed as (
    select
        levels_changed.tenant_id,
        selectors.meter_id,
        selectors.dimensions_key,
        months.window_start_at as changed_month_at,
        {{ later_of('months.closed_at', 'levels_changed.landed_at') }} as known_at,
        sum(levels_changed.step_nanos) as step_nanos,
        sum(case selectors.aggregation
            when 'time_weighted' then levels_changed.step_nano_microseconds
            else 0
        end + levels_changed.step_nanos * case selectors.aggregation
            when 'time_weighted'
                then {{ microseconds_between(
                    'levels_changed.hour_start_at + interval 1 hour', 'months.window_end_at'
                ) }}
            else {{ microseconds_between(
                "date_trunc('day', levels_changed.hour_start_at)", 'months.window_end_at'
            ) }}
        end) as metered_nanos,
        sum(levels_changed.source_event_count) as event_count,
        sum(levels_changed.correction_count) as correction_count,
        sum(levels_changed.event_digest) as event_digest
    from levels_changed
    inner join selectors
        on
            levels_changed.class_key = selectors.class_key
            and levels_changed.value_field = selectors.value_field
            and levels_changed.hour_start_at >= selectors.effective_from_at
            and levels_changed.hour_start_at < selectors.effective_to_at
    inner join months
        on date_trunc('month', levels_changed.hour_start_at) = months.window_start_at
    group by all
),

-- A level stays when nothing happens, so a change also changes every later month.
held as (
    select
        changed.tenant_id,
        changed.meter_id,
        changed.dimensions_key,
        months.window_start_at,
        months.window_end_at,
        months.closed_at,
        {{ later_of('months.closed_at', 'changed.known_at') }} as known_from_at,
        case
            when months.window_start_at = changed.changed_month_at then changed.metered_nanos
            else changed.step_nanos * {{ month_length }}
        end as metered_nanos,
        case when months.window_start_at = changed.changed_month_at then 1 else 0 end as is_own,
        changed.event_count,
        changed.correction_count,
        changed.event_digest
    from changed
    inner join months
        on changed.changed_month_at <= months.window_start_at
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
        cast(sum(metered_nanos) as hugeint) as metered_nanos,
        cast(sum(event_count * is_own) as bigint) as event_count,
        cast(sum(correction_count * is_own) as bigint) as correction_count,
        cast(sum(event_digest * is_own) as hugeint) as event_digest,
        known_from_at
    from held
    where known_from_at >= {{ pending_at }}
    group by
        tenant_id,
        meter_id,
        dimensions_key,
        window_start_at,
        window_end_at,
        closed_at,
        known_from_at
)

select * from final

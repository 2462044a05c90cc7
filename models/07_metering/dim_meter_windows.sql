{%- set grace = 'interval ' ~ (var('reading_grace_hours') | int) ~ ' hour' -%}
with hours_added as (
    select * from {{ ref('int_metering__hours_added') }}
),

files as (
    select * from {{ ref('stg_landing__files') }}
),

stamps as (
    select distinct landed_at as stamp_at
    from files
),

newest as (
    select max(stamp_at) as stamp_at
    from stamps
),

span as (
    select
        min(hours_added.hour_start_at) as first_hour_at,
        any_value(newest.stamp_at) as last_stamp_at
    from hours_added
    cross join newest
),

windows as (
    {% for reading_window, unit in [('1h', 'hour'), ('1d', 'day'), ('month', 'month')] -%}
        select
            '{{ reading_window }}' as reading_window,
            started.window_start_at,
            started.window_start_at + interval 1 {{ unit }} as window_end_at
        from (
            select
                unnest(generate_series(
                    date_trunc('{{ unit }}', first_hour_at),
                    date_trunc('{{ unit }}', last_stamp_at) + interval 1 {{ unit }},
                    interval 1 {{ unit }}
                )) as window_start_at
            from span
        ) as started
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- A window is read by the first batch that lands when it has ended and its grace is over.
ranked as (
    select
        reading_window,
        window_start_at,
        window_end_at,
        min(stamp_at) over (
            order by instant_at, stamp_at nulls first
            rows between current row and unbounded following
        ) as closed_at
    from (
        select
            reading_window,
            window_start_at,
            window_end_at,
            window_end_at + {{ grace }} as instant_at,
            cast(null as timestamp) as stamp_at
        from windows
        union all
        select
            null as reading_window,
            null as window_start_at,
            null as window_end_at,
            stamp_at as instant_at,
            stamp_at
        from stamps
    )
),

final as (
    select
        {{ window_key('reading_window', 'window_start_at') }} as window_key,
        reading_window,
        window_start_at,
        window_end_at,
        closed_at
    from ranked
    where reading_window is not null
)

select * from final

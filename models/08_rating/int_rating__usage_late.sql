{%- set families = {
    'fct_meter_hours': ('hour_start_at', "aggregation in ('time_weighted', 'sum_prorated')"),
    'fct_meter_values': ('metered_at', 'false'),
    'fct_meter_actor_days': ('day_start_at', 'false'),
} -%}
with days as (
    select * from {{ ref('dim_meter_windows') }}
    where reading_window = '1d' and closed_at is not null
),

-- What landed when its day was over; most never does.
final as (
    {% for family, (metered_at, is_carried) in families.items() -%}
        select
            metered.tenant_id,
            metered.meter_id,
            metered.environment,
            metered.{{ metered_at }} as metered_at,
            {{ is_carried }} as is_carried,
            metered.correction_count,
            metered.landed_at
        from {{ ref(family) }} as metered
        inner join days
            on
                date_trunc('day', metered.{{ metered_at }}) = days.window_start_at
                and metered.landed_at > days.closed_at
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final

with meter_hours as (
    select * from {{ ref('fct_meter_hours') }}
),

months as (
    select * from {{ ref('dim_months') }}
),

changes as (
    select
        tenant_id,
        meter_id,
        pack_id,
        environment,
        business_unit_id,
        date_trunc('month', hour_start_at) as month_start_at,
        sum(byte_count) as byte_count,
        -- What the changes of the month come to by its end, had the level been zero before.
        sum(byte_microseconds + byte_count * {{ microseconds_between(
            'hour_start_at + interval 1 hour',
            "date_trunc('month', hour_start_at) + interval 1 month"
        ) }}) as byte_microseconds,
        sum(event_count) as event_count,
        sum(event_digest) as event_digest,
        max(last_landed_at) as last_landed_at
    from meter_hours
    where aggregation = 'time_weighted'
    group by all
),

first_months as (
    select
        tenant_id,
        meter_id,
        pack_id,
        environment,
        business_unit_id,
        min(month_start_at) as month_start_at
    from changes
    group by all
),

-- A level stays when nothing happens, so every later month has a row.
spine as (
    select
        first_months.tenant_id,
        first_months.meter_id,
        first_months.pack_id,
        first_months.environment,
        first_months.business_unit_id,
        months.month_start_at,
        months.month_end_at
    from first_months
    inner join months
        on first_months.month_start_at <= months.month_start_at
),

held as (
    select
        spine.*,
        coalesce(changes.event_count, 0) as event_count,
        coalesce(changes.event_digest, 0) as event_digest,
        coalesce(changes.byte_microseconds, 0) as byte_microseconds,
        coalesce(sum(changes.byte_count) over earlier, 0) as opening_byte_count,
        max(changes.last_landed_at) over until_now as last_landed_at
    from spine
    left join changes
        on
            spine.tenant_id = changes.tenant_id
            and spine.meter_id = changes.meter_id
            and spine.pack_id = changes.pack_id
            and spine.environment = changes.environment
            and spine.business_unit_id = changes.business_unit_id
            and spine.month_start_at = changes.month_start_at
    window
        until_now as (
            partition by
                spine.tenant_id, spine.meter_id, spine.pack_id, spine.environment,
                spine.business_unit_id
            order by spine.month_start_at
        ),
        earlier as (
            partition by
                spine.tenant_id, spine.meter_id, spine.pack_id, spine.environment,
                spine.business_unit_id
            order by spine.month_start_at
            rows between unbounded preceding and 1 preceding
        )
),

final as (
    select
        tenant_id,
        meter_id,
        pack_id,
        environment,
        business_unit_id,
        month_start_at as window_start_at,
        month_end_at as window_end_at,
        cast({{ from_nanos(half_away_quotient(
            'byte_microseconds + opening_byte_count * '
            ~ microseconds_between('month_start_at', 'month_end_at'),
            microseconds_between('month_start_at', 'month_end_at'),
        )) }} as decimal(22, 9)) as quantity,
        cast(event_count as bigint) as event_count,
        cast(event_digest as hugeint) as event_digest,
        last_landed_at
    from held
)

select * from final

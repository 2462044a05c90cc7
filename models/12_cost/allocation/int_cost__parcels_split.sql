{%- set parcel = parcel_columns() -%}
with used as (
    select * from {{ ref('int_cost__parcels_used') }}
),

cost_targets as (
    select * from {{ ref('fct_cost_targets') }}
),

-- A pack that the mapping rule names takes the whole; else cost follows its driver into the packs.
weighed as (
    select
        {% for column in parcel -%}
            used.{{ column }},
        {% endfor -%}
        cost_targets.tenant_id,
        coalesce(used.pack_id, cost_targets.pack_id, '(none)') as pack_id,
        used.scale,
        used.used_billed_picos,
        used.used_effective_picos,
        sum(cost_targets.driver_nanos) as driver_nanos
    from used
    inner join cost_targets
        on {{ is_same_parcel('used', 'cost_targets') }}
    group by
        {% for column in parcel -%}
            used.{{ column }},
        {% endfor -%}
        cost_targets.tenant_id,
        coalesce(used.pack_id, cost_targets.pack_id, '(none)'),
        used.scale,
        used.used_billed_picos,
        used.used_effective_picos
),

shared as (
    select
        *,
        driver_nanos // scale as weight,
        sum(driver_nanos // scale) over (partition by {{ parcel | join(', ') }}) as total_weight
    from weighed
),

final as (
    select
        {{ parcel | join(', ') }},
        tenant_id,
        pack_id,
        cast(null as varchar) as unallocated_reason,
        driver_nanos,
        {{ largest_remainder_share(
            'used_billed_picos', 'weight', 'total_weight', parcel | join(', '),
            'tenant_id asc, pack_id asc',
        ) }} as billed_picos,
        {{ largest_remainder_share(
            'used_effective_picos', 'weight', 'total_weight', parcel | join(', '),
            'tenant_id asc, pack_id asc',
        ) }} as effective_picos
    from shared
    union all
    select
        {{ parcel | join(', ') }},
        '(idle)' as tenant_id,
        coalesce(pack_id, '(none)') as pack_id,
        null as unallocated_reason,
        capacity_nanos - coalesce(driver_nanos, 0) as driver_nanos,
        billed_picos - used_billed_picos as billed_picos,
        effective_picos - used_effective_picos as effective_picos
    from used
    where capacity_nanos is not null
    union all
    select
        {{ parcel | join(', ') }},
        null as tenant_id,
        null as pack_id,
        case when driver = 'nobody' then reason else 'driver_is_zero' end as unallocated_reason,
        null as driver_nanos,
        billed_picos,
        effective_picos
    from used
    where driver_nanos is null and capacity_nanos is null
)

select * from final

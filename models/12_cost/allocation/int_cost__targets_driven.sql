{%- set parcel = parcel_columns() -%}
{%- set same_as = {
    'provider': 'provider', 'service': 'internal_service', 'cluster': 'cluster',
    'region': 'region', 'resource_type': 'resource_type', 'pack': 'pack_id',
} -%}
with parcels as (
    select * from {{ ref('int_cost__parcels_handed_on') }}
),

cost_drivers as (
    select * from {{ ref('fct_cost_drivers') }}
),

direct_weighed as (
    select * from {{ ref('int_cost__direct_weighed') }}
),

pools as (
    select distinct
        cost_pool_id, {{ same_as.values() | join(', ') }}
    from {{ ref('fct_cost_pool_slices') }}
),

driven as (
    select
        {% for column in parcel -%}
            parcels.{{ column }},
        {% endfor -%}
        cost_drivers.tenant_id,
        cost_drivers.pack_id,
        cost_drivers.weight
    from parcels
    inner join cost_drivers
        on
            parcels.driver_meter_id = cost_drivers.driver_meter_id
            and parcels.driver_grain = cost_drivers.driver_grain
            and parcels.slice_start_at = cost_drivers.slice_start_at
            and parcels.slice_end_at = cost_drivers.slice_end_at
    where {{ is_named('cost_drivers.tenant_id', 'parcels.tenant_ids') }}
),

-- Direct cost of the month, of what the share asks to have in common with the pool.
proportional as (
    select
        {% for column in parcel -%}
            parcels.{{ column }},
        {% endfor -%}
        direct_weighed.tenant_id,
        direct_weighed.pack_id,
        sum(direct_weighed.weight) as weight
    from parcels
    inner join pools
        on parcels.cost_pool_id = pools.cost_pool_id
    inner join direct_weighed
        on
            parcels.driver_month = direct_weighed.driver_month
            {% for dimension, column in same_as.items() -%}
                and (
                    not coalesce({{ is_listed("'" ~ dimension ~ "'", 'parcels.same_as') }}, false)
                    or pools.{{ column }} = direct_weighed.{{ column }}
                )
            {% endfor %}
    where
        parcels.driver = 'direct_cost'
        and {{ is_named('direct_weighed.tenant_id', 'parcels.tenant_ids') }}
    group by
        {% for column in parcel -%}
            parcels.{{ column }},
        {% endfor -%}
        direct_weighed.tenant_id,
        direct_weighed.pack_id
),

final as (
    {% for targets in ['driven', 'proportional'] -%}
        select
            {% for column in parcel -%}
                {{ column }},
            {% endfor -%}
            tenant_id,
            pack_id,
            weight
        from {{ targets }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final

{%- set part = ['cost_pool_id', 'share_path', 'tenant_id', 'pack_id', 'unallocated_reason'] -%}
with pools_computed as (
    select * from {{ ref('int_cost__pools_computed') }}
),

parcels_used as (
    select * from {{ ref('int_cost__parcels_used') }}
),

parcels_split as (
    select * from {{ ref('int_cost__parcels_split') }}
),

-- The share is of the pool's effective cost, or of its billed cost where it has none of that.
pools as (
    select
        *,
        effective_cost_amount = 0 as is_by_billed_cost,
        {{ to_picos('billed_cost_amount') }} as billed_picos,
        {{ to_picos('effective_cost_amount') }} as effective_picos,
        case when effective_cost_amount = 0 then billed_picos else effective_picos end
            as pool_picos,
        1 + abs(pool_picos) // 1000000000000000000000000 as scale,
        pool_picos // scale as pool_units
    from pools_computed
),

-- The pool itself says whose direct cost is, what is idle, and what no rule knows. Of what is
-- shared, some capacity was not used, and some has nobody to go to.
parts as (
    select
        cost_pool_id,
        '' as share_path,
        case when allocation_method = 'idle' then '(idle)' else tenant_id end as tenant_id,
        case when unallocated_reason is null then coalesce(pack_id, '(none)') end as pack_id,
        unallocated_reason,
        cast(null as hugeint) as driver_nanos,
        billed_picos,
        effective_picos
    from pools
    where allocation_method <> 'shared'
    union all
    select
        cost_pool_id,
        share_path,
        tenant_id,
        pack_id,
        null as unallocated_reason,
        driver_nanos,
        billed_picos,
        effective_picos
    from parcels_split
    union all
    select
        cost_pool_id,
        share_path,
        '(idle)' as tenant_id,
        coalesce(pack_id, '(none)') as pack_id,
        null as unallocated_reason,
        capacity_nanos - coalesce(driver_nanos, 0) as driver_nanos,
        billed_picos - used_billed_picos as billed_picos,
        effective_picos - used_effective_picos as effective_picos
    from parcels_used
    where capacity_nanos is not null
    union all
    select
        cost_pool_id,
        share_path,
        null as tenant_id,
        null as pack_id,
        case when driver = 'nobody' then reason else 'driver_is_zero' end as unallocated_reason,
        null as driver_nanos,
        billed_picos,
        effective_picos
    from parcels_used
    where driver_nanos is null and capacity_nanos is null
),

totalled as (
    select
        {{ part | join(', ') }},
        sum(driver_nanos) as driver_nanos,
        sum(billed_picos) as billed_picos,
        sum(effective_picos) as effective_picos
    from parts
    group by {{ part | join(', ') }}
),

-- A product of part and ratio has to fit, so the largest are measured in more than one unit.
measured as (
    select
        totalled.*,
        pools.cost_month,
        pools.pool_units,
        case
            when pools.is_by_billed_cost then totalled.billed_picos
            else totalled.effective_picos
        end as part_picos,
        case when pools.scale = 1 then part_picos else part_picos // pools.scale end as part_units
    from totalled
    inner join pools
        on totalled.cost_pool_id = pools.cost_pool_id
),

final as (
    select
        {{ part | join(', ') }},
        cost_month,
        {{ from_nanos('driver_nanos') }} as driver_quantity,
        case
            when pool_units <> 0 then {{ from_picos(half_away_quotient(
                'part_units * sign(pool_units) * 1000000000000', 'abs(pool_units)'
            )) }}
        end as share_ratio,
        {{ from_picos('billed_picos') }} as billed_cost_amount,
        {{ from_picos('effective_picos') }} as effective_cost_amount
    from measured
)

select * from final

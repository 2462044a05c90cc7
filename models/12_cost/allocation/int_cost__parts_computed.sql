with pools as (
    select * from {{ ref('int_cost__pools_computed') }}
),

parcels_split as (
    select * from {{ ref('int_cost__parcels_split') }}
),

-- The pool itself says whose direct cost is, what is idle, and what no rule knows.
parts as (
    select
        cost_pool_id,
        '' as share_path,
        case when allocation_method = 'idle' then '(idle)' else tenant_id end as tenant_id,
        case when allocation_method <> 'unallocated' then coalesce(pack_id, '(none)') end
            as pack_id,
        unallocated_reason,
        cast(null as decimal(38, 9)) as driver_quantity,
        billed_cost_amount,
        effective_cost_amount
    from pools
    where allocation_method <> 'shared'
    union all
    select
        cost_pool_id,
        share_path,
        tenant_id,
        pack_id,
        unallocated_reason,
        {{ from_nanos('sum(driver_nanos)') }} as driver_quantity,
        {{ from_picos('sum(billed_picos)') }} as billed_cost_amount,
        {{ from_picos('sum(effective_picos)') }} as effective_cost_amount
    from parcels_split
    group by
        cost_pool_id,
        share_path,
        tenant_id,
        pack_id,
        unallocated_reason
),

-- The share is of the pool's effective cost, or of its billed cost where it has none of that.
measured as (
    select
        parts.*,
        pools.cost_month,
        {{ to_picos(
            'case when pools.effective_cost_amount = 0 then parts.billed_cost_amount'
            ' else parts.effective_cost_amount end'
        ) }} as part_picos,
        {{ to_picos(
            'case when pools.effective_cost_amount = 0 then pools.billed_cost_amount'
            ' else pools.effective_cost_amount end'
        ) }} as pool_picos,
        1 + abs(pool_picos) // 1000000000000000000000000 as scale
    from parts
    inner join pools
        on parts.cost_pool_id = pools.cost_pool_id
),

final as (
    select
        cost_pool_id,
        cost_month,
        share_path,
        tenant_id,
        pack_id,
        unallocated_reason,
        driver_quantity,
        case
            when pool_picos <> 0 then {{ from_picos(half_away_quotient(
                'part_picos // scale * sign(pool_picos) * 1000000000000',
                'abs(pool_picos) // scale',
            )) }}
        end as share_ratio,
        billed_cost_amount,
        effective_cost_amount
    from measured
)

select * from final

with parts_booked as (
    select * from {{ ref('int_cost__parts_booked') }}
    where tenant_id is not null
),

pools as (
    select * from {{ ref('fct_cost_pools') }}
    where allocation_method <> 'unallocated'
),

shares as (
    select * from {{ ref('dim_allocation_shares') }}
),

-- The last step of the path says what the cost followed.
final as (
    select
        {{ content_id([
            'parts_booked.cost_pool_id', 'parts_booked.share_path', 'parts_booked.tenant_id',
            'parts_booked.pack_id',
        ]) }} as cost_allocation_id,
        parts_booked.cost_pool_id,
        parts_booked.share_path,
        pools.cost_month,
        pools.driver_month,
        parts_booked.tenant_id,
        parts_booked.pack_id,
        coalesce(pools.capability_id, '(none)') as capability_id,
        pools.resource_type,
        pools.cost_category,
        coalesce(pools.region, '(none)') as region,
        case when parts_booked.tenant_id = '(idle)' then 'idle' else pools.allocation_method end
            as allocation_method,
        pools.rule_id,
        pools.rule_version,
        pools.allocation_rule_id,
        pools.allocation_rule_version,
        case
            when shares.driver = 'meter' then shares.driver_meter_id
            else shares.driver
        end as driver,
        parts_booked.driver_quantity,
        parts_booked.share_ratio,
        parts_booked.billed_cost_amount,
        parts_booked.effective_cost_amount,
        pools.currency_code
    from parts_booked
    inner join pools
        on parts_booked.cost_pool_id = pools.cost_pool_id
    left join shares
        on
            regexp_extract(parts_booked.share_path, '([^ ]+)$', 1)
            = concat_ws(
                ':', shares.allocation_rule_id, shares.rule_version, shares.share_number
            )
)

select * from final

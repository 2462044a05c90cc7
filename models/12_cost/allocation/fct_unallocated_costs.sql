with parts_booked as (
    select * from {{ ref('int_cost__parts_booked') }}
    where tenant_id is null
),

pools as (
    select * from {{ ref('fct_cost_pools') }}
),

-- What nobody used, no rule knows or shares do not add up to has no one to go to: it is listed, and
-- never dropped.
final as (
    select
        parts_booked.cost_pool_id,
        parts_booked.unallocated_reason as reason,
        pools.cost_month,
        pools.provider,
        pools.service_name,
        cast(sum(parts_booked.billed_cost_amount) as decimal(38, 12)) as billed_cost_amount,
        cast(sum(parts_booked.effective_cost_amount) as decimal(38, 12)) as effective_cost_amount,
        pools.currency_code,
        pools.source_row_count
    from parts_booked
    inner join pools
        on parts_booked.cost_pool_id = pools.cost_pool_id
    group by
        parts_booked.cost_pool_id,
        parts_booked.unallocated_reason,
        pools.cost_month,
        pools.provider,
        pools.service_name,
        pools.currency_code,
        pools.source_row_count
)

select * from final

with allocations as (
    select * from {{ ref('fct_cost_allocations') }}
    where tenant_id <> '(idle)'
),

pools as (
    select * from {{ ref('fct_cost_pools') }}
),

cost_categories as (
    select * from {{ ref('dim_cost_categories') }}
),

exchange_rates as (
    select * from {{ ref('fct_exchange_rates') }}
),

-- Margin stands on effective cost: what the month's use came to, not what the month was billed.
-- Cost of a category that the catalogue does not know is held against margin until it does.
converted as (
    select
        allocations.* exclude (region),
        coalesce(allocations.region, '(none)') as region,
        coalesce(pools.service_name, '(none)') as service_name,
        coalesce(cost_categories.is_cogs, true) as is_cogs,
        {{ to_usd('allocations.effective_cost_amount', 'exchange_rates.usd_per_unit') }}
            as amount_usd
    from allocations
    inner join pools
        on allocations.cost_pool_id = pools.cost_pool_id
    left join cost_categories
        on allocations.cost_category = cost_categories.cost_category
    left join exchange_rates
        on
            allocations.currency_code = exchange_rates.currency_code
            and allocations.cost_month = exchange_rates.rate_month
),

final as (
    select
        tenant_id,
        pack_id,
        capability_id,
        region,
        service_name,
        resource_type,
        cost_category,
        is_cogs,
        cost_month as period_month,
        {{ sum_of_known('amount_usd') }} as amount_usd
    from converted
    group by
        tenant_id,
        pack_id,
        capability_id,
        region,
        service_name,
        resource_type,
        cost_category,
        is_cogs,
        cost_month
)

select * from final

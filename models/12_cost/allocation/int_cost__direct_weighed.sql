with pool_slices as (
    select * from {{ ref('fct_cost_pool_slices') }}
    where allocation_method = 'direct'
),

exchange_rates as (
    select * from {{ ref('fct_exchange_rates') }}
),

-- Cost of several currencies is weighed in one; what has no rate has no weight, and is listed as
-- missing one.
converted as (
    select
        pool_slices.driver_month,
        pool_slices.tenant_id,
        pool_slices.pack_id,
        pool_slices.provider,
        pool_slices.internal_service,
        pool_slices.cluster,
        pool_slices.region,
        pool_slices.resource_type,
        {{ to_usd('pool_slices.effective_cost_amount', 'exchange_rates.usd_per_unit') }}
            as effective_cost_usd
    from pool_slices
    inner join exchange_rates
        on
            pool_slices.currency_code = exchange_rates.currency_code
            and pool_slices.driver_month = exchange_rates.rate_month
),

final as (
    select
        driver_month,
        tenant_id,
        pack_id,
        provider,
        internal_service,
        cluster,
        region,
        resource_type,
        {{ to_nanos('sum(effective_cost_usd)') }} as weight
    from converted
    group by
        driver_month,
        tenant_id,
        pack_id,
        provider,
        internal_service,
        cluster,
        region,
        resource_type
    having {{ to_nanos('sum(effective_cost_usd)') }} > 0
)

select * from final

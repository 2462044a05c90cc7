with parcels as (
    select * from {{ ref('int_cost__parcels_handed_on') }}
),

targets_driven as (
    select * from {{ ref('int_cost__targets_driven') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

undriven as (
    select parcels.*
    from parcels
    left join targets_driven
        on {{ is_same_parcel('parcels', 'targets_driven') }}
    where
        targets_driven.cost_pool_id is null
        and (
            parcels.driver = 'even'
            or (parcels.driver in ('meter', 'direct_cost') and parcels.zero_driver = 'even')
        )
),

-- Evenly over the tenants that are named, or over all that have a contract at the time.
even as (
    select
        undriven.cost_pool_id,
        undriven.slice_start_at,
        undriven.slice_end_at,
        undriven.share_path,
        tenants.tenant_id
    from undriven
    inner join tenants
        on {{ is_listed('tenants.tenant_id', 'undriven.tenant_ids') }}
    union
    select
        undriven.cost_pool_id,
        undriven.slice_start_at,
        undriven.slice_end_at,
        undriven.share_path,
        contracts.tenant_id
    from undriven
    inner join contracts
        on
            undriven.slice_start_at < contracts.end_date
            and undriven.slice_end_at > contracts.start_date
    where undriven.tenant_ids is null
),

final as (
    select
        cost_pool_id,
        slice_start_at,
        slice_end_at,
        share_path,
        tenant_id,
        coalesce(pack_id, '(none)') as pack_id,
        weight as driver_nanos
    from targets_driven
    union all
    select
        cost_pool_id,
        slice_start_at,
        slice_end_at,
        share_path,
        tenant_id,
        '(none)' as pack_id,
        cast(1000000000 as hugeint) as driver_nanos
    from even
)

select * from final

with pools as (
    select * from {{ ref('fct_cost_pools') }}
),

rules as (
    select * from {{ ref('stg_catalogue__cost_mapping_rules') }}
),

drivers_measured as (
    select * from {{ ref('int_cost__drivers_measured') }}
),

-- A rule that names a pack gives it the whole cost; else the cost follows the usage into its packs.
weighed as (
    select
        pools.cost_pool_id,
        drivers_measured.tenant_id,
        coalesce(rules.pack_id, drivers_measured.pack_id) as pack_id,
        rules.driver_meter_id,
        {{ to_picos('pools.billed_cost_amount') }} as pool_billed,
        {{ to_picos('pools.effective_cost_amount') }} as pool_effective,
        sum(drivers_measured.weight) as weight
    from pools
    inner join rules
        on
            pools.rule_id = rules.rule_id
            and pools.rule_version = rules.rule_version
    inner join drivers_measured
        on
            rules.driver_meter_id = drivers_measured.driver_meter_id
            and pools.cost_month = drivers_measured.cost_month
    where pools.allocation_method = 'shared'
    group by
        pools.cost_pool_id,
        drivers_measured.tenant_id,
        coalesce(rules.pack_id, drivers_measured.pack_id),
        rules.driver_meter_id,
        pools.billed_cost_amount,
        pools.effective_cost_amount
),

-- A product with a cost has to fit, so weights have eighteen digits at the most.
cut as (
    select
        * replace (
            weight // (1 + sum(weight) over (partition by cost_pool_id) // 1000000000000000000)
                as weight
        )
    from weighed
),

totalled as (
    select
        *,
        sum(weight) over (partition by cost_pool_id) as total_weight
    from cut
),

-- Each target gets its share rounded down; what is left goes, a unit each, to the largest
-- remainders.
shared as (
    select
        *,
        {{ share_floor('abs(pool_billed)', 'weight', 'total_weight') }} as billed_floor,
        {{ share_floor('abs(pool_effective)', 'weight', 'total_weight') }} as effective_floor,
        row_number() over (
            partition by cost_pool_id
            order by
                {{ share_remainder('abs(pool_billed)', 'weight', 'total_weight') }} desc,
                tenant_id asc,
                pack_id asc
        ) as billed_rank,
        row_number() over (
            partition by cost_pool_id
            order by
                {{ share_remainder('abs(pool_effective)', 'weight', 'total_weight') }} desc,
                tenant_id asc,
                pack_id asc
        ) as effective_rank
    from totalled
),

topped_up as (
    select
        *,
        billed_floor + case
            when billed_rank <= abs(pool_billed) - sum(billed_floor) over pool then 1 else 0
        end as billed_units,
        effective_floor + case
            when effective_rank <= abs(pool_effective) - sum(effective_floor) over pool
                then 1
            else 0
        end as effective_units
    from shared
    window pool as (partition by cost_pool_id)
),

final as (
    select
        cost_pool_id,
        tenant_id,
        pack_id,
        driver_meter_id as driver,
        {{ from_picos(half_away_quotient('weight * 1000000000000', 'total_weight')) }}
            as share_ratio,
        {{ from_picos('billed_units * sign(pool_billed)') }} as billed_cost_amount,
        {{ from_picos('effective_units * sign(pool_effective)') }} as effective_cost_amount
    from topped_up
)

select * from final

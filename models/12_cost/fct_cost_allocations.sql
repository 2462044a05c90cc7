with pools as (
    select * from {{ ref('fct_cost_pools') }}
),

pools_shared as (
    select * from {{ ref('int_cost__pools_shared') }}
),

statement_rows as (
    select * from {{ ref('fct_cost_statement_rows') }}
),

rules as (
    select * from {{ ref('stg_catalogue__cost_mapping_rules') }}
),

-- Direct and idle cost needs no driver: the rows themselves name the target.
named as (
    select
        cost_pool_id,
        case when allocation_method = 'idle' then '(idle)' else tenant_id end as tenant_id,
        cast(sum(billed_cost_amount) as decimal(38, 12)) as billed_cost_amount,
        cast(sum(effective_cost_amount) as decimal(38, 12)) as effective_cost_amount
    from statement_rows
    where allocation_method in ('direct', 'idle')
    group by
        cost_pool_id,
        case when allocation_method = 'idle' then '(idle)' else tenant_id end
),

targets as (
    select
        cost_pool_id,
        tenant_id,
        cast(null as varchar) as pack_id,
        cast(null as varchar) as driver,
        cast(null as decimal(38, 12)) as share_ratio,
        billed_cost_amount,
        effective_cost_amount
    from named
    union all
    select
        cost_pool_id,
        tenant_id,
        pack_id,
        driver,
        share_ratio,
        billed_cost_amount,
        effective_cost_amount
    from pools_shared
),

final as (
    select
        targets.cost_pool_id,
        targets.tenant_id,
        coalesce(targets.pack_id, rules.pack_id, '(none)') as pack_id,
        coalesce(rules.capability_id, '(none)') as capability_id,
        pools.cost_month,
        pools.resource_type,
        rules.cost_category,
        coalesce(pools.region, '(none)') as region,
        pools.allocation_method,
        targets.driver,
        targets.share_ratio,
        targets.billed_cost_amount,
        targets.effective_cost_amount,
        pools.currency_code
    from targets
    inner join pools
        on targets.cost_pool_id = pools.cost_pool_id
    inner join rules
        on
            pools.rule_id = rules.rule_id
            and pools.rule_version = rules.rule_version
)

select * from final

with pools_computed as (
    select * from {{ ref('int_cost__pools_computed') }}
),

lock_pools as (
    select * from {{ ref('stg_landing__cost_lock_pools') }}
),

locks as (
    select * from {{ ref('fct_cost_locks') }}
),

-- A closed month stays as it was closed, whatever a build would make of it by now.
final as (
    select
        pools_computed.cost_pool_id,
        {% for column in pooled_by() -%}
            pools_computed.{{ column }},
        {% endfor -%}
        pools_computed.allocation_rule_version,
        false as is_locked,
        pools_computed.billed_cost_amount,
        pools_computed.effective_cost_amount,
        pools_computed.source_row_count
    from pools_computed
    left join locks
        on pools_computed.cost_month = locks.cost_month
    where locks.lock_id is null
    union all
    select
        lock_pools.cost_pool_id,
        {% for column in pooled_by() -%}
            lock_pools.{{ column }},
        {% endfor -%}
        lock_pools.allocation_rule_version,
        true as is_locked,
        lock_pools.billed_cost_amount,
        lock_pools.effective_cost_amount,
        lock_pools.source_row_count
    from lock_pools
    inner join locks
        on
            lock_pools.lock_id = locks.lock_id
            and lock_pools.landed_file = locks.landed_file
)

select * from final

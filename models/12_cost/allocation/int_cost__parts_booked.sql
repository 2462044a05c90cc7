with parts_computed as (
    select * from {{ ref('int_cost__parts_computed') }}
),

lock_parts as (
    select * from {{ ref('stg_landing__cost_lock_parts') }}
),

locks as (
    select * from {{ ref('fct_cost_locks') }}
),

final as (
    select
        parts_computed.cost_pool_id,
        parts_computed.share_path,
        parts_computed.tenant_id,
        parts_computed.pack_id,
        parts_computed.unallocated_reason,
        parts_computed.driver_quantity,
        parts_computed.share_ratio,
        parts_computed.billed_cost_amount,
        parts_computed.effective_cost_amount
    from parts_computed
    left join locks
        on parts_computed.cost_month = locks.cost_month
    where locks.lock_id is null
    union all
    select
        lock_parts.cost_pool_id,
        lock_parts.share_path,
        lock_parts.tenant_id,
        lock_parts.pack_id,
        lock_parts.unallocated_reason,
        lock_parts.driver_quantity,
        lock_parts.share_ratio,
        lock_parts.billed_cost_amount,
        lock_parts.effective_cost_amount
    from lock_parts
    inner join locks
        on
            lock_parts.lock_id = locks.lock_id
            and lock_parts.landed_file = locks.landed_file
)

select * from final

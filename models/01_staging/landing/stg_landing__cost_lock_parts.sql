{%- set shape -%}
[{
    "share_path": "VARCHAR", "tenant_id": "VARCHAR", "pack_id": "VARCHAR",
    "unallocated_reason": "VARCHAR", "driver_quantity": "DECIMAL(38, 9)",
    "share_ratio": "DECIMAL(38, 12)", "billed_cost_amount": "DECIMAL(38, 12)",
    "effective_cost_amount": "DECIMAL(38, 12)"
}]
{%- endset -%}
with locks as (
    select * from {{ ref('stg_landing__cost_locks') }}
    where is_digest_right and is_pool
),

opened as (
    select
        lock_id,
        landed_file,
        {{ json_value('pool', "'cost_pool_id'") }} as cost_pool_id,
        unnest({{ parse_json('parts', shape) }}) as part
    from locks
),

final as (
    select
        lock_id,
        landed_file,
        cost_pool_id,
        part.share_path,
        part.tenant_id,
        part.pack_id,
        part.unallocated_reason,
        part.driver_quantity,
        part.share_ratio,
        part.billed_cost_amount,
        part.effective_cost_amount
    from opened
)

select * from final

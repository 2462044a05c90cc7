{%- set shape -%}
{
    "cost_pool_id": "VARCHAR", "cost_month": "DATE", "driver_month": "DATE",
    "provider": "VARCHAR", "provider_invoice_id": "VARCHAR", "currency_code": "VARCHAR",
    "service_name": "VARCHAR", "internal_service": "VARCHAR", "cluster": "VARCHAR",
    "region": "VARCHAR", "resource_type": "VARCHAR", "cost_category": "VARCHAR",
    "pack_id": "VARCHAR", "capability_id": "VARCHAR", "tenant_id": "VARCHAR",
    "rule_id": "VARCHAR", "rule_version": "INTEGER", "allocation_method": "VARCHAR",
    "allocation_rule_id": "VARCHAR", "allocation_rule_version": "INTEGER",
    "unallocated_reason": "VARCHAR", "billed_cost_amount": "DECIMAL(38, 12)",
    "effective_cost_amount": "DECIMAL(38, 12)", "source_row_count": "BIGINT"
}
{%- endset -%}
with locks as (
    select
        lock_id,
        landed_file,
        line_number,
        {{ parse_json('pool', shape) }} as pool
    from {{ ref('stg_landing__cost_locks') }}
    where is_digest_right and is_pool
),

final as (
    select
        lock_id,
        landed_file,
        line_number,
        pool.cost_pool_id,
        {% for column in pooled_by() -%}
            pool.{{ column }},
        {% endfor -%}
        pool.allocation_rule_version,
        pool.billed_cost_amount,
        pool.effective_cost_amount,
        pool.source_row_count
    from locks
)

select * from final

{%- set shape -%}
{
    "obligation_id": "VARCHAR", "balance_key": "VARCHAR", "contract_id": "VARCHAR",
    "tenant_id": "VARCHAR", "pack_id": "VARCHAR", "revenue_kind": "VARCHAR",
    "is_internal": "BOOLEAN", "is_correction": "BOOLEAN", "amount": "DECIMAL(22, 4)",
    "currency_code": "VARCHAR", "amount_usd": "DECIMAL(38, 12)"
}
{%- endset -%}
with locks as (
    select
        lock_id,
        landed_file,
        line_number,
        {{ parse_json('line', shape) }} as line
    from {{ ref('stg_landing__revenue_locks') }}
    where is_digest_right and is_line
),

final as (
    select
        lock_id,
        landed_file,
        line_number,
        line.obligation_id,
        line.balance_key,
        line.contract_id,
        line.tenant_id,
        line.pack_id,
        line.revenue_kind,
        line.is_internal,
        line.is_correction,
        line.amount,
        line.currency_code,
        line.amount_usd
    from locks
)

select * from final

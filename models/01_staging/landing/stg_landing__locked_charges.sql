{%- set charge -%}
{
    "charge_key": "VARCHAR", "charge_id": "VARCHAR", "line_type": "VARCHAR",
    "line_code": "VARCHAR", "plan_line_id": "VARCHAR", "pack_id": "VARCHAR",
    "description": "VARCHAR", "quantity": "DECIMAL(38, 9)", "unit_price": "DECIMAL(16, 9)",
    "exact_amount": "DECIMAL(38, 18)", "amount": "DECIMAL(22, 4)", "reason": "VARCHAR",
    "segment_start_at": "TIMESTAMP", "segment_end_at": "TIMESTAMP",
    "rated_usage_id": "VARCHAR", "receipt_id": "VARCHAR"
}
{%- endset -%}
{%- set shape = '{"charges": [' ~ charge ~ ']}' -%}
with locks as (
    select * from {{ ref('stg_landing__locks') }}
    where is_digest_right
),

opened as (
    select
        lock_id,
        landed_file,
        line_number,
        unnest({{ parse_json('body', shape) }}.charges) as charge
    from locks
),

final as (
    select
        lock_id,
        landed_file,
        line_number,
        charge.charge_key,
        charge.charge_id,
        charge.line_type,
        charge.line_code,
        charge.plan_line_id,
        charge.pack_id,
        charge.description,
        charge.quantity,
        charge.unit_price,
        charge.exact_amount,
        charge.amount,
        charge.reason,
        charge.segment_start_at,
        charge.segment_end_at,
        charge.rated_usage_id,
        charge.receipt_id
    from opened
)

select * from final

{%- set shape = '[{"currency_code": "VARCHAR", "usd_per_unit": "DECIMAL(18, 9)"}]' -%}
with locks as (
    select
        lock_id,
        landed_file,
        revenue_month,
        unnest({{ parse_json('rates', shape) }}) as rate
    from {{ ref('stg_landing__revenue_locks') }}
    where is_digest_right and not is_line
),

final as (
    select
        lock_id,
        landed_file,
        revenue_month,
        rate.currency_code,
        rate.usd_per_unit
    from locks
)

select * from final

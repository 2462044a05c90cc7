with locks as (
    select * from {{ ref('fct_locks') }}
),

locked_charges as (
    select * from {{ ref('stg_landing__locked_charges') }}
),

final as (
    select
        locks.lock_id,
        locked_charges.charge_key,
        locked_charges.charge_id,
        locks.billing_period_id,
        locks.contract_id,
        locks.tenant_id,
        locked_charges.line_type,
        locked_charges.line_code,
        locked_charges.pack_id,
        locked_charges.plan_line_id,
        locked_charges.description,
        locked_charges.quantity,
        locked_charges.unit_price,
        locked_charges.exact_amount,
        locked_charges.amount,
        locked_charges.reason,
        locked_charges.segment_start_at,
        locked_charges.segment_end_at,
        locked_charges.rated_usage_id,
        locked_charges.receipt_id
    from locks
    inner join locked_charges
        on
            locks.landed_file = locked_charges.landed_file
            and locks.line_number = locked_charges.line_number
)

select * from final

with source as (
    select * from {{ ref('volume_rebates') }}
),

final as (
    select
        rebate_id,
        contract_id,
        line_code,
        currency_code,
        cast(tier_number as integer) as tier_number,
        {{ parse_exact_decimal('above_quantity', 22, 9) }} as above_quantity,
        {{ parse_exact_decimal('unit_price', 16, 9) }} as unit_price,
        cast(start_date as date) as start_date,
        cast(end_date as date) as end_date,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final

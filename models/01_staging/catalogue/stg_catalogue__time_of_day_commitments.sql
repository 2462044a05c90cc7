with source as (
    select * from {{ ref('time_of_day_commitments') }}
),

final as (
    select
        commitment_id,
        contract_id,
        line_code,
        time_zone,
        weekdays,
        cast(from_hour as integer) as from_hour,
        cast(to_hour as integer) as to_hour,
        {{ parse_exact_decimal('committed_quantity', 22, 9) }} as committed_quantity,
        {{ parse_exact_decimal('committed_amount', 16, 9) }} as committed_amount,
        {{ parse_exact_decimal('unit_price', 16, 9) }} as unit_price,
        cast(start_date as date) as start_date,
        cast(end_date as date) as end_date,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final

with source as (
    select * from {{ ref('discounts') }}
),

final as (
    select
        discount_id,
        contract_id,
        plan_version_id,
        line_code,
        pack_id,
        cast(discount_ratio as decimal(16, 9)) as discount_ratio,
        cast(sequence as integer) as sequence,
        cast(start_date as timestamp) as effective_from_at,
        cast(end_date as timestamp) as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final

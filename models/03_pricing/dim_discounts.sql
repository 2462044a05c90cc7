with discounts as (
    select * from {{ ref('stg_catalogue__discounts') }}
),

final as (
    select
        discount_id,
        contract_id,
        plan_version_id,
        line_code,
        pack_id,
        sequence,
        discount_ratio,
        effective_from_at,
        effective_to_at,
        recorded_at,
        policy_decision_id
    from discounts
)

select * from final

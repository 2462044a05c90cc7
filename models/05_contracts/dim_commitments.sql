with commitments as (
    select * from {{ ref('stg_catalogue__commitments') }}
),

final as (
    select
        commitment_id,
        contract_id,
        plan_version_id,
        currency_code,
        commitment_interval,
        is_trued_up,
        overage_factor,
        amount,
        effective_from_at,
        effective_to_at,
        recorded_at,
        policy_decision_id
    from commitments
)

select * from final

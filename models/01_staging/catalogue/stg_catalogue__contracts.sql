with source as (
    select * from {{ ref('contracts') }}
),

final as (
    select
        contract_id,
        tenant_id,
        plan_id,
        contract_type,
        currency_code,
        cast(start_date as date) as start_date,
        cast(end_date as date) as end_date,
        billing_interval,
        cast(payment_terms_days as integer) as payment_terms_days,
        issuing_entity_id,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final

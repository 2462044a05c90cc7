with source as (
    select * from {{ ref('cost_statement_rules') }}
),

final as (
    select
        statement_rule_id,
        provider_name,
        restatement,
        correction_posting,
        cast(effective_from_date as timestamp) as effective_from_at,
        cast(effective_to_date as timestamp) as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final

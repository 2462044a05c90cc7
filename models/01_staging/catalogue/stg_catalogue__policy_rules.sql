with source as (
    select * from {{ ref('policy_rules') }}
),

final as (
    select
        rule_id,
        action,
        permitted_roles,
        permitted_actors,
        cast(second_approver_above_usd as decimal(16, 9)) as second_approver_above_usd,
        cast(second_approver_above_ratio as decimal(16, 9)) as second_approver_above_ratio,
        cast(effective_from_date as timestamp) as effective_from_at,
        cast(effective_to_date as timestamp) as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at
    from source
)

select * from final

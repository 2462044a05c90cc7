with source as (
    select * from {{ ref('policy_actors') }}
),

final as (
    select
        actor_id,
        role,
        cast(effective_from_date as timestamp) as effective_from_at,
        cast(effective_to_date as timestamp) as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at
    from source
)

select * from final

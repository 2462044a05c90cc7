with lines_netted as (
    select * from {{ ref('int_rating__lines_netted') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

final as (
    select
        lines_netted.receipt_id,
        'rated_usage' as subject_type,
        lines_netted.rated_usage_id as subject_id,
        {{ rated_usage_body() }} as canonical_body,
        lines_netted.policy_decision_id,
        {{ earlier_of('lines_netted.segment_end_at', 'as_of.as_of_at') }} as issued_at
    from lines_netted
    inner join as_of
        on lines_netted.status = 'rated'
)

select * from final

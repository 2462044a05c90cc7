with lines_charged as (
    select * from {{ ref('int_rating__lines_charged') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

final as (
    select
        sha256(lines_charged.canonical_body) as receipt_id,
        'rated_usage' as subject_type,
        lines_charged.rated_usage_id as subject_id,
        lines_charged.canonical_body,
        lines_charged.policy_decision_id,
        {{ earlier_of('lines_charged.segment_end_at', 'as_of.as_of_at') }} as issued_at
    from lines_charged
    inner join as_of
        on lines_charged.status = 'rated'
)

select * from final

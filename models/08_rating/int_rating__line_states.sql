with touched as (
    select * from {{ ref('int_rating__lines_touched') }}
),

states as (
    select
        contract_line_id,
        'segment_ended' as reason,
        closed_at as known_from_at
    from touched
    union
    select
        contract_line_id,
        reason,
        known_from_at
    from touched
),

followed as (
    select
        *,
        lead(known_from_at) over (partition by contract_line_id order by known_from_at)
            as known_to_at
    from states
),

-- The present state of a line has the id of the line itself.
final as (
    select
        contract_line_id,
        case
            when known_to_at is null then contract_line_id
            else {{ content_id(['contract_line_id', 'known_from_at']) }}
        end as known_line_id,
        reason,
        known_from_at,
        known_to_at
    from followed
)

select * from final

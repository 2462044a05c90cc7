{%- set grace = 'interval ' ~ (var('reading_grace_hours') | int) ~ ' hour' -%}
with ends as (
    select distinct segment_end_at
    from {{ ref('fct_contract_lines') }}
),

stamps as (
    select distinct landed_at
    from {{ ref('stg_landing__files') }}
),

-- As a window: by the first batch that lands when it has ended and its grace is over.
final as (
    select
        ends.segment_end_at,
        min(stamps.landed_at) as closed_at
    from ends
    inner join stamps
        on ends.segment_end_at + {{ grace }} <= stamps.landed_at
    group by ends.segment_end_at
)

select * from final

with files as (
    select * from {{ ref('stg_landing__files') }}
),

lines_counted as (
    select * from {{ ref('int_usage__lines_counted') }}
),

cost_rows as (
    select * from {{ ref('stg_landing__cost_and_usage') }}
),

policy_lines as (
    select * from {{ ref('stg_landing__policy_lines') }}
),

counted as (
    select
        landed_file,
        sum(line_count) as line_count,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at
    from lines_counted
    group by landed_file
    union all
    {% for rows in ['cost_rows', 'policy_lines'] -%}
        select
            landed_file,
            count(*) as line_count,
            cast(null as timestamp) as first_event_at,
            cast(null as timestamp) as last_event_at
        from {{ rows }}
        group by landed_file
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- The ledger: each file counts once, and its digest says whether it is still the one that counted.
final as (
    select
        files.landed_file,
        files.source_folder,
        files.file_format,
        files.digest,
        files.byte_count,
        cast(coalesce(counted.line_count, 0) as bigint) as line_count,
        counted.first_event_at,
        counted.last_event_at,
        files.landed_at
    from files
    left join counted
        on files.landed_file = counted.landed_file
)

select * from final

with files as (
    select * from {{ ref('stg_landing__files') }}
),

lines_read as (
    select * from {{ ref('int_usage__lines_read') }}
),

parquet_rows as (
    select * from {{ ref('stg_landing__usage_event_rows') }}
),

cost_rows as (
    select * from {{ ref('stg_landing__cost_and_usage') }}
),

counted as (
    select
        landed_file,
        count(*) as line_count
    from lines_read
    group by landed_file
    union all
    select
        landed_file,
        count(*) as line_count
    from parquet_rows
    group by landed_file
    union all
    select
        landed_file,
        count(*) as line_count
    from cost_rows
    group by landed_file
),

final as (
    select
        files.landed_file,
        files.source_folder,
        files.file_format,
        files.byte_count,
        coalesce(counted.line_count, 0) as line_count,
        files.landed_at
    from files
    left join counted
        on files.landed_file = counted.landed_file
)

select * from final

with inspected as (
    select * from {{ ref('int_staging__files_inspected') }}
),

final as (
    select
        landed_file,
        source_folder,
        file_format,
        byte_count,
        landed_at
    from inspected
)

select * from final

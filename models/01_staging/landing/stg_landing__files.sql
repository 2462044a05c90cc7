{%- set as_of = parse_instant("'" ~ var('as_of') ~ "'") if var('as_of') else 'null' -%}
with inspected as (
    select * from {{ ref('int_staging__files_inspected') }}
),

-- A file without a landing stamp takes the newest stamp in the folder, or as-of where there is
-- none.
final as (
    select
        landed_file,
        source_folder,
        file_format,
        digest,
        byte_count,
        coalesce(stamped_at, max(stamped_at) over (), {{ as_of }}) as landed_at
    from inspected
)

select * from final

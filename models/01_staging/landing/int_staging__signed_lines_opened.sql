-- A signed line is {"digest":"<64 letters>","body":<what was signed>}, to the letter.
with lines_read as (
    select
        *,
        case
            when
                starts_with(raw_line, '{"digest":"')
                and substring(raw_line, 76, 9) = '","body":'
                then substring(raw_line, 85, length(raw_line) - 85)
        end as body
    from {{ ref('int_staging__document_lines_read') }}
),

files as (
    select * from {{ ref('stg_landing__files') }}
),

-- A line of a lock or a document is its digest and what was signed with it; one that is of another
-- form has no body.
final as (
    select
        lines_read.landed_file,
        lines_read.line_number,
        files.source_folder,
        lines_read.body,
        substring(lines_read.raw_line, 12, 64) as line_digest,
        coalesce(
            sha256(lines_read.body) = substring(lines_read.raw_line, 12, 64), false
        ) as is_signed,
        files.landed_at
    from lines_read
    inner join files
        on lines_read.landed_file = files.landed_file
)

select * from final

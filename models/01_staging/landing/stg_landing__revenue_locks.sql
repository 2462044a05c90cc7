{%- set shape -%}
{
    "books": "VARCHAR", "lock_id": "VARCHAR", "revenue_month": "DATE", "locked_at": "TIMESTAMP",
    "action_id": "VARCHAR", "policy_decision_id": "VARCHAR", "line_count": "INTEGER",
    "rates": "JSON", "line": "JSON"
}
{%- endset -%}
with lines_read as (
    select
        *,
        {{ signed_body('raw_line') }} as body
    from {{ ref('int_staging__document_lines_read') }}
),

files as (
    select * from {{ ref('stg_landing__files') }}
    where source_folder = 'locks'
),

parsed as (
    select
        lines_read.landed_file,
        lines_read.line_number,
        lines_read.body,
        substring(lines_read.raw_line, 12, 64) as line_digest,
        {{ parse_json('lines_read.body', shape) }} as header,
        files.landed_at
    from lines_read
    inner join files
        on lines_read.landed_file = files.landed_file
    where position('"books":"revenue"' in lines_read.body) > 0
),

-- A closed month of revenue is a line that says so, and one for each line of what was recognised.
final as (
    select
        header.lock_id,
        header.revenue_month,
        header.action_id,
        header.policy_decision_id,
        header.line_count,
        header.line is not null as is_line,
        coalesce(sha256(body) = line_digest and header.lock_id is not null, false)
            as is_digest_right,
        header.rates,
        header.line,
        header.locked_at,
        landed_file,
        line_number,
        landed_at
    from parsed
    where header.books = 'revenue'
)

select * from final

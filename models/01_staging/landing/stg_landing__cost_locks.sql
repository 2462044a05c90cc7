{%- set shape -%}
{
    "books": "VARCHAR", "lock_id": "VARCHAR", "cost_month": "DATE", "locked_at": "TIMESTAMP",
    "action_id": "VARCHAR", "policy_decision_id": "VARCHAR", "pool_count": "INTEGER",
    "files": ["VARCHAR"], "pool": "JSON", "parts": "JSON"
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
        {{ parse_json('lines_read.body', shape) }} as line,
        files.landed_at
    from lines_read
    inner join files
        on lines_read.landed_file = files.landed_file
    where position('"books":"cost"' in lines_read.body) > 0
),

-- A closed month of cost is a line that says so, and one for each of its pools.
final as (
    select
        line.lock_id,
        line.cost_month,
        line.action_id,
        line.policy_decision_id,
        line.pool_count,
        line.pool is not null as is_pool,
        coalesce(sha256(body) = line_digest and line.lock_id is not null, false)
            as is_digest_right,
        line.files,
        line.pool,
        line.parts,
        line.locked_at,
        landed_file,
        line_number,
        landed_at
    from parsed
    where line.books = 'cost'
)

select * from final

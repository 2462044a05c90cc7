{%- set shape -%}
{
    "books": "VARCHAR", "lock_id": "VARCHAR", "revenue_month": "DATE", "locked_at": "TIMESTAMP",
    "action_id": "VARCHAR", "policy_decision_id": "VARCHAR", "line_count": "INTEGER",
    "rates": "JSON", "line": "JSON"
}
{%- endset -%}
with parsed as (
    select
        *,
        {{ parse_json('body', shape) }} as header
    from {{ ref('int_staging__signed_lines_opened') }}
    where source_folder = 'locks' and position('"books":"revenue"' in body) > 0
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
        is_signed and header.lock_id is not null as is_digest_right,
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

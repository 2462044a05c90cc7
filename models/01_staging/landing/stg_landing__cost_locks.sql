{%- set shape -%}
{
    "books": "VARCHAR", "lock_id": "VARCHAR", "cost_month": "DATE", "locked_at": "TIMESTAMP",
    "action_id": "VARCHAR", "policy_decision_id": "VARCHAR", "pool_count": "INTEGER",
    "files": ["VARCHAR"], "pool": "JSON", "parts": "JSON"
}
{%- endset -%}
with parsed as (
    select
        *,
        {{ parse_json('body', shape) }} as line
    from {{ ref('int_staging__signed_lines_opened') }}
    where source_folder = 'locks' and position('"books":"cost"' in body) > 0
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
        is_signed and line.lock_id is not null as is_digest_right,
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

{%- set shape -%}
{
    "lock_id": "VARCHAR", "billing_period_id": "VARCHAR", "contract_id": "VARCHAR",
    "tenant_id": "VARCHAR", "version": "INTEGER", "locked_at": "TIMESTAMP",
    "action_id": "VARCHAR", "policy_decision_id": "VARCHAR", "books": "VARCHAR"
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
        substring(lines_read.raw_line, 12, 64) as lock_digest,
        {{ parse_json('lines_read.body', shape) }} as header,
        files.landed_at
    from lines_read
    inner join files
        on lines_read.landed_file = files.landed_file
),

final as (
    select
        header.lock_id,
        header.billing_period_id,
        header.contract_id,
        header.tenant_id,
        header.version,
        header.action_id,
        header.policy_decision_id,
        lock_digest,
        coalesce(sha256(body) = lock_digest and header.lock_id is not null, false)
            as is_digest_right,
        header.locked_at,
        body,
        landed_file,
        line_number,
        landed_at
    from parsed
    where header.books is null or header.books not in ('cost', 'revenue')
)

select * from final

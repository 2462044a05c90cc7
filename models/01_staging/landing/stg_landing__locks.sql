{%- set shape -%}
{
    "lock_id": "VARCHAR", "billing_period_id": "VARCHAR", "contract_id": "VARCHAR",
    "tenant_id": "VARCHAR", "version": "INTEGER", "locked_at": "TIMESTAMP",
    "action_id": "VARCHAR", "policy_decision_id": "VARCHAR", "books": "VARCHAR"
}
{%- endset -%}
with parsed as (
    select
        *,
        {{ parse_json('body', shape) }} as header
    from {{ ref('int_staging__signed_lines_opened') }}
    where source_folder = 'locks'
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
        line_digest as lock_digest,
        is_signed and header.lock_id is not null as is_digest_right,
        header.locked_at,
        body,
        landed_file,
        line_number,
        landed_at
    from parsed
    where header.books is null or header.books not in ('cost', 'revenue')
)

select * from final

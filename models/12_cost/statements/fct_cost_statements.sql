with statements_closed as (
    select * from {{ ref('int_cost__statements_closed') }}
),

statement_rules as (
    select * from {{ ref('stg_catalogue__cost_statement_rules') }}
),

versions as (
    select
        provider_name,
        billing_account_id,
        statement_month,
        landed_at,
        max(closed_month) as closed_month
    from statements_closed
    group by
        provider_name,
        billing_account_id,
        statement_month,
        landed_at
),

followed as (
    select
        *,
        lead(landed_at) over version as next_landed_at,
        lead(closed_month) over version as next_closed_month
    from versions
    window version as (
        partition by provider_name, billing_account_id, statement_month order by landed_at
    )
),

-- A rule for the provider goes before one for all.
ruled as (
    select
        statements_closed.*,
        followed.next_landed_at,
        followed.next_closed_month,
        coalesce(own.restatement, usual.restatement, 'add') as restatement,
        coalesce(own.correction_posting, usual.correction_posting, 'billing_month')
            as correction_posting
    from statements_closed
    inner join followed
        on
            statements_closed.provider_name = followed.provider_name
            and statements_closed.billing_account_id
            is not distinct from followed.billing_account_id
            and statements_closed.statement_month = followed.statement_month
            and statements_closed.landed_at = followed.landed_at
    left join statement_rules as own
        on
            statements_closed.provider_name = own.provider_name
            and statements_closed.landed_at >= own.effective_from_at
            and statements_closed.landed_at < own.effective_to_at
    left join statement_rules as usual
        on
            usual.provider_name is null
            and statements_closed.landed_at >= usual.effective_from_at
            and statements_closed.landed_at < usual.effective_to_at
),

final as (
    select
        {{ content_id(['provider_name', 'billing_account_id', 'billing_month', 'landed_file']) }}
            as cost_statement_id,
        provider_name as provider,
        billing_account_id,
        billing_month,
        statement_month,
        landed_file,
        restatement,
        correction_posting,
        closed_month,
        case when restatement = 'replace' then next_closed_month end as closed_before_next_month,
        restatement = 'replace' and next_landed_at is not null as is_superseded,
        row_count,
        landed_at,
        case
            when restatement = 'replace' and next_landed_at is not null then next_landed_at
            else timestamp '9999-12-31'
        end as superseded_at
    from ruled
)

select * from final

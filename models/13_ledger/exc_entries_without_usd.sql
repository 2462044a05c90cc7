with journal_lines as (
    select * from {{ ref('fct_journal_lines') }}
    where debit_usd is null
),

final as (
    select
        entry_id,
        source_type,
        source_id,
        contract_id,
        tenant_id,
        currency_code,
        posted_date
    from journal_lines
    group by
        entry_id,
        source_type,
        source_id,
        contract_id,
        tenant_id,
        currency_code,
        posted_date
)

select * from final

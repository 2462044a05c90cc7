with statement_rows as (
    select * from {{ ref('fct_cost_statement_rows') }}
),

final as (
    select
        cost_pool_id,
        cost_month,
        provider,
        provider_invoice_id,
        currency_code,
        service_name,
        resource_type,
        region,
        rule_id,
        rule_version,
        allocation_method,
        unallocated_reason,
        cast(sum(billed_cost_amount) as decimal(38, 12)) as billed_cost_amount,
        cast(sum(effective_cost_amount) as decimal(38, 12)) as effective_cost_amount,
        count(*) as source_row_count
    from statement_rows
    group by
        cost_pool_id,
        cost_month,
        provider,
        provider_invoice_id,
        currency_code,
        service_name,
        resource_type,
        region,
        rule_id,
        rule_version,
        allocation_method,
        unallocated_reason
)

select * from final

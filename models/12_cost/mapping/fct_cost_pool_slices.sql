with rows_grouped as (
    select * from {{ ref('int_cost__rows_grouped') }}
),

mappings as (
    select * from {{ ref('fct_cost_mappings') }}
),

allocation_rules as (
    select * from {{ ref('stg_catalogue__allocation_rules') }}
),

-- Each rule cuts time by its own grain; the month of the charge is whole for one by the month.
mapped as (
    select
        rows_grouped.cost_month,
        rows_grouped.driver_month,
        rows_grouped.provider_name as provider,
        rows_grouped.provider_invoice_id,
        rows_grouped.currency_code,
        rows_grouped.service_name,
        mappings.internal_service,
        mappings.cluster,
        mappings.mapped_region as region,
        mappings.resource_type,
        mappings.cost_category,
        mappings.pack_id,
        mappings.capability_id,
        mappings.tenant_id,
        mappings.rule_id,
        mappings.rule_version,
        mappings.allocation_method,
        mappings.allocation_rule_id,
        allocation_rules.rule_version as allocation_rule_version,
        mappings.unallocated_reason,
        rows_grouped.billed_cost_amount,
        rows_grouped.effective_cost_amount,
        rows_grouped.source_row_count,
        case allocation_rules.driver_grain
            when 'hour' then rows_grouped.slice_start_at
            when 'day' then date_trunc('day', rows_grouped.slice_start_at)
            else cast(rows_grouped.driver_month as timestamp)
        end as slice_start_at,
        case allocation_rules.driver_grain
            when 'hour' then rows_grouped.slice_end_at
            when 'day'
                then
                    date_trunc('day', rows_grouped.slice_end_at - interval 1 microsecond)
                    + interval 1 day
            else cast(rows_grouped.driver_month as timestamp) + interval 1 month
        end as slice_end_at
    from rows_grouped
    inner join mappings
        on {{ is_mapped_alike('rows_grouped', 'mappings') }}
    left join allocation_rules
        on
            mappings.allocation_rule_id = allocation_rules.allocation_rule_id
            and rows_grouped.driver_month >= allocation_rules.effective_from_at
            and rows_grouped.driver_month < allocation_rules.effective_to_at
),

final as (
    select
        {{ content_id(pooled_by()) }} as cost_pool_id,
        {{ pooled_by() | join(', ') }},
        allocation_rule_version,
        slice_start_at,
        slice_end_at,
        cast(sum(billed_cost_amount) as decimal(38, 12)) as billed_cost_amount,
        cast(sum(effective_cost_amount) as decimal(38, 12)) as effective_cost_amount,
        cast(sum(source_row_count) as bigint) as source_row_count
    from mapped
    group by
        {{ pooled_by() | join(', ') }},
        allocation_rule_version,
        slice_start_at,
        slice_end_at
)

select * from final

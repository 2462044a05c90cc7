with groups_posted as (
    select * from {{ ref('int_cost__groups_posted') }}
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
        groups_posted.cost_month,
        groups_posted.driver_month,
        groups_posted.provider_name as provider,
        groups_posted.provider_invoice_id,
        groups_posted.currency_code,
        groups_posted.service_name,
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
        groups_posted.billed_cost_amount,
        groups_posted.effective_cost_amount,
        groups_posted.source_row_count,
        case allocation_rules.driver_grain
            when 'hour' then groups_posted.slice_start_at
            when 'day' then date_trunc('day', groups_posted.slice_start_at)
            else cast(groups_posted.driver_month as timestamp)
        end as slice_start_at,
        case allocation_rules.driver_grain
            when 'hour' then groups_posted.slice_end_at
            when 'day'
                then
                    date_trunc('day', groups_posted.slice_end_at - interval 1 microsecond)
                    + interval 1 day
            else cast(groups_posted.driver_month as timestamp) + interval 1 month
        end as slice_end_at
    from groups_posted
    inner join mappings
        on {{ is_mapped_alike('groups_posted', 'mappings') }}
    left join allocation_rules
        on
            mappings.allocation_rule_id = allocation_rules.allocation_rule_id
            and groups_posted.driver_month >= allocation_rules.effective_from_at
            and groups_posted.driver_month < allocation_rules.effective_to_at
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

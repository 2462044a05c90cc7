with rows_typed as (
    select * from {{ ref('int_cost__rows_typed') }}
),

rules_matched as (
    select * from {{ ref('int_cost__rules_matched') }}
),

rules as (
    select * from {{ ref('stg_catalogue__cost_mapping_rules') }}
),

mapped as (
    select
        rows_typed.*,
        rules_matched.tenant_id,
        coalesce(rules.rule_id, '(none)') as rule_id,
        coalesce(rules.rule_version, 0) as rule_version,
        case
            when rules.rule_id is null then 'unallocated'
            when rows_typed.commitment_discount_status = 'Unused' then 'idle'
            else rules.allocation_method
        end as allocation_method,
        case
            when rules.rule_id is not null then null
            when rules_matched.tenant_tag is not null and rules_matched.tenant_id is null
                then 'unknown_tenant'
            else 'no_rule'
        end as unallocated_reason,
        coalesce(
            rules.resource_type,
            case rows_typed.service_category
                when 'Compute' then 'compute'
                when 'Storage' then 'storage'
                when 'Databases' then 'database'
                when 'Networking' then 'network'
                else 'other'
            end
        ) as resource_type
    from rows_typed
    left join rules_matched
        on
            rows_typed.provider_name is not distinct from rules_matched.provider_name
            and rows_typed.service_name is not distinct from rules_matched.service_name
            and rows_typed.tags is not distinct from rules_matched.tags
            and rows_typed.cost_month = rules_matched.cost_month
    left join rules
        on
            rules_matched.rule_id = rules.rule_id
            and rules_matched.rule_version = rules.rule_version
    where rows_typed.reasons = ''
),

final as (
    select
        landed_file,
        line_number,
        {{ content_id([
            'cost_month', 'provider_name', 'provider_invoice_id', 'currency_code', 'service_name',
            'rule_id', 'rule_version', 'allocation_method', 'unallocated_reason', 'resource_type',
            'region',
        ]) }} as cost_pool_id,
        cost_month,
        provider_name as provider,
        provider_invoice_id,
        currency_code,
        charge_category,
        charge_class,
        service_name,
        resource_type,
        region,
        resource_id,
        tags,
        other_columns,
        tenant_id,
        rule_id,
        rule_version,
        allocation_method,
        unallocated_reason,
        billed_cost_amount,
        effective_cost_amount,
        landed_at
    from mapped
)

select * from final

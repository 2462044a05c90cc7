with rules_fitted as (
    select * from {{ ref('int_cost__rules_fitted') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

-- A tenant that nobody knows is a finding; its cost must not be spread over the others. A rule that
-- gives cost to one tenant does not fit where none is named.
ranked as (
    select
        rules_fitted.*,
        tenants.tenant_id,
        max(case when tenants.tenant_id is null then rules_fitted.named_tenant_id end)
            over combination as unknown_tenant_id,
        case
            when rules_fitted.rule_id is null then 3
            when rules_fitted.allocation_rule_id is null and tenants.tenant_id is null then 2
            else 1
        end as fit,
        row_number() over (
            combination
            order by
                case
                    when rules_fitted.allocation_rule_id is null and tenants.tenant_id is null
                        then 2
                    else 1
                end asc,
                rules_fitted.priority asc,
                rules_fitted.rule_id asc
        ) as candidate_number
    from rules_fitted
    left join tenants
        on rules_fitted.named_tenant_id = tenants.tenant_id
    window
        combination as (
            partition by
                rules_fitted.{{ mapped_by() | join(', rules_fitted.') }}
        )
),

judged as (
    select
        *,
        fit = 1 and unknown_tenant_id is null as is_mapped
    from ranked
    where candidate_number = 1
),

-- Unused commitment is nobody's, unless a rule asks for it by name.
final as (
    select
        {{ content_id(mapped_by()) }} as cost_mapping_id,
        {% for column in mapped_by() -%}
            {{ column }},
        {% endfor -%}
        case when is_mapped then rule_id else '(none)' end as rule_id,
        case when is_mapped then rule_version else 0 end as rule_version,
        case
            when not is_mapped then 'unallocated'
            when commitment_discount_status = 'Unused' and ruled_commitment_status is null
                then 'idle'
            when allocation_rule_id is null then 'direct'
            else 'shared'
        end as allocation_method,
        case
            when is_mapped then null
            when unknown_tenant_id is not null then 'unknown_tenant'
            else 'no_rule'
        end as unallocated_reason,
        case
            when commitment_discount_status = 'Unused' and ruled_commitment_status is null
                then null
            when is_mapped then allocation_rule_id
        end as allocation_rule_id,
        case
            when commitment_discount_status = 'Unused' and ruled_commitment_status is null
                then null
            when is_mapped then tenant_id
        end as tenant_id,
        case when is_mapped then internal_service end as internal_service,
        case when is_mapped then cluster end as cluster,
        case when is_mapped then mapped_region else region end as mapped_region,
        case when is_mapped then pack_id end as pack_id,
        case when is_mapped then capability_id end as capability_id,
        coalesce(
            case when is_mapped then resource_type end,
            case service_category
                when 'Compute' then 'compute'
                when 'Storage' then 'storage'
                when 'Databases' then 'database'
                when 'Networking' then 'network'
                else 'other'
            end
        ) as resource_type,
        case when is_mapped then cost_category end as cost_category
    from judged
)

select * from final

with source as (
    select * from {{ ref('cost_mapping_rules') }}
),

-- A star of the pattern stands for any text; every other sign for itself.
final as (
    select
        rule_id,
        cast(rule_version as integer) as rule_version,
        cast(priority as integer) as priority,
        provider_name,
        account_id,
        service_name,
        replace(replace(replace(replace(
            resource_pattern, '!', '!!'
        ), '%', '!%'), '_', '!_'), '*', '%') as resource_like,
        charge_category,
        commitment_status,
        tag_key,
        tag_value,
        case when starts_with(tenant_id, 'tag:') then substring(tenant_id, 5) end
            as tenant_tag_key,
        case when not starts_with(tenant_id, 'tag:') then tenant_id end as tenant_id,
        case when starts_with(internal_service, 'tag:') then substring(internal_service, 5) end
            as internal_service_tag_key,
        case when not starts_with(internal_service, 'tag:') then internal_service end
            as internal_service,
        case when starts_with(cluster, 'tag:') then substring(cluster, 5) end as cluster_tag_key,
        case when not starts_with(cluster, 'tag:') then cluster end as cluster,
        case when starts_with(region, 'tag:') then substring(region, 5) end as region_tag_key,
        case when not starts_with(region, 'tag:') then region end as region,
        pack_id,
        capability_id,
        resource_type,
        cost_category,
        allocation_rule_id,
        cast(effective_from_date as timestamp) as effective_from_at,
        cast(effective_to_date as timestamp) as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final

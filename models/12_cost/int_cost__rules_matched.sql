with rows_typed as (
    select * from {{ ref('int_cost__rows_typed') }}
),

rules as (
    select * from {{ ref('stg_catalogue__cost_mapping_rules') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

-- Rules look at few things, so they are matched once per combination and not once per row.
combinations as (
    select distinct
        provider_name,
        service_name,
        tags,
        cost_month,
        {{ json_value('tags', "'tenant_id'") }} as tenant_tag
    from rows_typed
    where reasons = ''
),

candidates as (
    select
        combinations.*,
        tenants.tenant_id,
        rules.rule_id,
        rules.rule_version,
        row_number() over (
            partition by
                combinations.provider_name,
                combinations.service_name,
                combinations.tags,
                combinations.cost_month
            order by rules.priority asc nulls last, rules.rule_id asc
        ) as candidate_rank
    from combinations
    left join tenants
        on combinations.tenant_tag = tenants.tenant_id
    left join rules
        on
            (rules.provider_name is null or combinations.provider_name = rules.provider_name)
            and (rules.service_name is null or combinations.service_name = rules.service_name)
            and (
                rules.tag_key is null
                or {{ json_value('combinations.tags', 'rules.tag_key') }}
                = coalesce(
                    rules.tag_value, {{ json_value('combinations.tags', 'rules.tag_key') }}
                )
            )
            and combinations.cost_month >= rules.effective_from_at
            and combinations.cost_month < rules.effective_to_at
            and (rules.allocation_method <> 'direct' or tenants.tenant_id is not null)
            -- A tenant that nobody knows is a finding; its cost must not be spread over the others.
            and (combinations.tenant_tag is null or tenants.tenant_id is not null)
),

final as (
    select
        provider_name,
        service_name,
        tags,
        cost_month,
        tenant_tag,
        tenant_id,
        rule_id,
        rule_version
    from candidates
    where candidate_rank = 1
)

select * from final

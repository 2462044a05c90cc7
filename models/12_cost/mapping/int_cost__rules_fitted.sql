with groups_posted as (
    select * from {{ ref('int_cost__groups_posted') }}
),

rules as (
    select * from {{ ref('stg_catalogue__cost_mapping_rules') }}
),

-- Rules look at few things, so they are matched once per combination and not once per row.
combinations as (
    select distinct {{ mapped_by() | join(', ') }}
    from groups_posted
),

opened as (
    select
        *,
        {{ json_pairs('rule_tags') }} as tag_pairs
    from combinations
),

final as (
    select
        {% for column in mapped_by() -%}
            opened.{{ column }},
        {% endfor -%}
        rules.rule_id,
        rules.rule_version,
        rules.priority,
        rules.allocation_rule_id,
        coalesce(rules.tenant_id, opened.tag_pairs[rules.tenant_tag_key]) as named_tenant_id,
        coalesce(rules.internal_service, opened.tag_pairs[rules.internal_service_tag_key])
            as internal_service,
        coalesce(rules.cluster, opened.tag_pairs[rules.cluster_tag_key]) as cluster,
        coalesce(rules.region, opened.tag_pairs[rules.region_tag_key], opened.region)
            as mapped_region,
        rules.pack_id,
        rules.capability_id,
        rules.resource_type,
        rules.cost_category,
        rules.commitment_status as ruled_commitment_status
    from opened
    left join rules
        on
            opened.rules_from_at >= rules.effective_from_at
            and opened.rules_from_at < rules.effective_to_at
            and (
                rules.provider_name is null or opened.provider_name = rules.provider_name
            )
            and (
                rules.account_id is null
                or opened.sub_account_id = rules.account_id
                or opened.billing_account_id = rules.account_id
            )
            and (rules.service_name is null or opened.service_name = rules.service_name)
            and (
                rules.resource_like is null
                or opened.resource_key like rules.resource_like escape '!'
            )
            and (rules.charge_category is null or opened.charge_category = rules.charge_category)
            and (
                rules.commitment_status is null
                or opened.commitment_discount_status = rules.commitment_status
            )
            and (
                rules.tag_key is null
                or opened.tag_pairs[rules.tag_key]
                = coalesce(rules.tag_value, opened.tag_pairs[rules.tag_key])
            )
)

select * from final

{%- set tag_keys = [
    'tag_key', 'tenant_tag_key', 'internal_service_tag_key', 'cluster_tag_key', 'region_tag_key',
] -%}
with rows_grouped as (
    select * from {{ ref('int_cost__rows_grouped') }}
    where tags is not null
),

mapping_rules as (
    select * from {{ ref('stg_catalogue__cost_mapping_rules') }}
),

named as (
    {% for key in tag_keys -%}
        select {{ key }} as tag_key
        from mapping_rules
        {{ 'union' if not loop.last }}
    {% endfor %}
),

-- Of tags that tell every release and owner apart, rules look at few.
looked_at as (
    select list(tag_key) as tag_keys
    from named
    where tag_key is not null
),

tags as (
    select distinct tags
    from rows_grouped
),

final as (
    select
        tags.tags,
        {{ json_picked('tags.tags', 'looked_at.tag_keys') }} as rule_tags
    from tags
    cross join looked_at
)

select * from final

{%- set limits = {
    'users': 'users_limit', 'components': 'components_limit', 'api_calls': 'api_calls_limit',
    'storage_gb': 'storage_gb_limit',
} -%}
with tiers as (
    select * from {{ ref('stg_catalogue__tiers') }}
),

listed as (
    {% for limit_id, column in limits.items() -%}
        select
            tier_id,
            '{{ limit_id }}' as limit_id,
            coalesce({{ column }}, 'unlimited') as limit_text
        from tiers
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- 1000+ is what the tier includes at least; beyond it nothing is refused.
final as (
    select
        tier_id,
        limit_id,
        case
            when limit_text in ('unlimited', 'custom') then limit_text
            when ends_with(limit_text, '+') then 'at_least'
            else 'limited'
        end as limit_kind,
        cast(nullif(regexp_extract(limit_text, '[0-9]*'), '') as decimal(22, 9)) as limit_quantity
    from listed
)

select * from final

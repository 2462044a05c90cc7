with source as (
    select * from {{ ref('third_party_skus') }}
),

final as (
    select
        hint_sku,
        provider_name,
        service_name,
        sku_id,
        cast(included_quantity as decimal(22, 9)) as included_quantity,
        cast(tolerance_ratio as decimal(16, 9)) as tolerance_ratio,
        cast(effective_from_date as timestamp) as effective_from_at,
        cast(effective_to_date as timestamp) as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final

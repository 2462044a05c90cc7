with source as (
    select * from {{ ref('tax_rates') }}
),

final as (
    select
        tax_region,
        customer_kind,
        coalesce(tax_category, '(every)') as tax_category,
        tax_name,
        coalesce(tax_treatment, 'standard') as tax_treatment,
        cast(tax_ratio as decimal(16, 9)) as tax_ratio,
        cast(effective_from_date as timestamp) as effective_from_at,
        cast(effective_to_date as timestamp) as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final

with tax_rates as (
    select * from {{ ref('stg_catalogue__tax_rates') }}
),

final as (
    select
        tax_region,
        customer_kind,
        tax_category,
        tax_name,
        tax_treatment,
        tax_ratio,
        effective_from_at,
        effective_to_at,
        recorded_at,
        policy_decision_id
    from tax_rates
)

select * from final

with source as (
    select * from {{ ref('tax_terms') }}
),

final as (
    select
        contract_id,
        coalesce(tax_rounding, 'per_invoice') as tax_rounding,
        coalesce(prices_include_tax = 'true', false) as prices_include_tax,
        coalesce(wallet_timing, 'after_tax') as wallet_timing,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final

with rated_usage as (
    select * from {{ ref('fct_rated_usage') }}
),

final as (
    select
        rated_usage_id,
        tenant_id,
        contract_id,
        meter_id,
        pack_id,
        period_month,
        quantity,
        event_count
    from rated_usage
    where
        is_current
        and status = 'unpriced'
)

select * from final

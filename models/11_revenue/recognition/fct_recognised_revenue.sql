with revenue_lines as (
    select * from {{ ref('fct_revenue_lines') }}
),

final as (
    select
        obligation_id,
        contract_id,
        tenant_id,
        pack_id,
        revenue_kind,
        revenue_month,
        is_internal,
        cast(sum(recognised_amount) as decimal(22, 4)) as recognised_amount,
        cast(sum(case when is_correction then recognised_amount else 0 end) as decimal(22, 4))
            as correction_amount,
        currency_code,
        {{ sum_of_known('recognised_usd') }} as recognised_usd
    from revenue_lines
    group by
        obligation_id,
        contract_id,
        tenant_id,
        pack_id,
        revenue_kind,
        revenue_month,
        is_internal,
        currency_code
)

select * from final

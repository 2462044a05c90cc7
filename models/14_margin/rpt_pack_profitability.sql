with revenue_converted as (
    select * from {{ ref('int_margin__revenue_converted') }}
),

costs_converted as (
    select * from {{ ref('int_margin__costs_converted') }}
),

lines as (
    select
        pack_id,
        period_month,
        true as is_revenue,
        amount_usd
    from revenue_converted
    union all
    select
        pack_id,
        period_month,
        false as is_revenue,
        amount_usd
    from costs_converted
),

totalled as (
    select
        pack_id,
        period_month,
        {{ sum_of_known('amount_usd', 'is_revenue') }} as revenue_usd,
        {{ sum_of_known('amount_usd', 'not is_revenue') }} as cogs_usd
    from lines
    group by
        pack_id,
        period_month
),

final as (
    select
        pack_id,
        period_month,
        'rated' as revenue_basis,
        revenue_usd,
        cogs_usd,
        cast(revenue_usd - cogs_usd as decimal(38, 12)) as gross_margin_usd,
        {{ margin_ratio('revenue_usd', 'cogs_usd') }} as gross_margin_ratio
    from totalled
)

select * from final

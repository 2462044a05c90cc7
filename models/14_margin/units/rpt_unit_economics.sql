with units_measured as (
    select * from {{ ref('int_margin__units_measured') }}
),

meters as (
    select * from {{ ref('dim_meters') }}
),

-- The trailing unit cost is of the three calendar months before: all their cost by all their units.
-- A month whose cost is unknown, or that has no units, is left out of both.
accumulated as (
    select
        *,
        {{ amount_per_unit('revenue_usd', 'quantity') }} as unit_revenue_usd,
        {{ amount_per_unit('cogs_usd', 'quantity') }} as unit_cost_usd,
        cast(
            sum(cogs_usd) filter (where quantity > 0) over three_months as decimal(38, 12)
        ) as trailing_cogs_usd,
        cast(
            sum(quantity) filter (where quantity > 0 and cogs_usd is not null) over three_months
            as decimal(38, 9)
        ) as trailing_quantity
    from units_measured
    window
        three_months as (
            partition by meter_id, pack_id
            order by period_month
            range between interval 3 month preceding and interval 1 month preceding
        )
),

compared as (
    select
        *,
        {{ amount_per_unit('trailing_cogs_usd', 'trailing_quantity') }} as trailing_unit_cost_usd
    from accumulated
),

-- Worse than planned, or worse than lately, by more than the catalogue lets pass.
final as (
    select
        compared.meter_id,
        compared.pack_id,
        compared.period_month,
        compared.capability_ids,
        meters.unit,
        coalesce(
            compared.unit_cost_usd
            > compared.target_unit_cost_usd * (1 + compared.regression_ratio)
            or compared.unit_cost_usd
            > compared.trailing_unit_cost_usd
            + compared.trailing_unit_cost_usd * compared.regression_ratio,
            false
        ) as is_regression,
        compared.quantity,
        cast(compared.revenue_usd as decimal(38, 12)) as revenue_usd,
        compared.cogs_usd,
        compared.unit_revenue_usd,
        compared.unit_cost_usd,
        compared.target_unit_cost_usd,
        compared.trailing_unit_cost_usd,
        {{ ratio_of(
            'compared.unit_cost_usd - compared.target_unit_cost_usd',
            'compared.target_unit_cost_usd',
        ) }} as variance_ratio,
        {{ ratio_of(
            'compared.unit_cost_usd - compared.trailing_unit_cost_usd',
            'compared.trailing_unit_cost_usd',
        ) }} as trend_ratio,
        compared.regression_ratio
    from compared
    left join meters
        on
            compared.meter_id = meters.meter_id
            and compared.period_month >= meters.effective_from_at
            and compared.period_month < meters.effective_to_at
)

select * from final

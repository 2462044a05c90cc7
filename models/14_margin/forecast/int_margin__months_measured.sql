with series_stacked as (
    select * from {{ ref('int_margin__series_stacked') }}
),

months as (
    select * from {{ ref('dim_months') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

begun as (
    select
        measure,
        tenant_id,
        pack_id,
        revenue_basis,
        min(period_month) as first_month
    from series_stacked
    group by
        measure,
        tenant_id,
        pack_id,
        revenue_basis
),

-- A statement lands after its month: before the first and after the last month with any cost, no
-- cost is known yet, which is not to say that there was none.
costed as (
    select
        min(period_month) as first_month,
        max(period_month) as last_month
    from series_stacked
    where
        measure = 'cogs'
        and actual_usd is distinct from 0
),

spine as (
    select
        begun.measure,
        begun.tenant_id,
        begun.pack_id,
        begun.revenue_basis,
        months.month_date as period_month
    from begun
    inner join months
        on begun.first_month <= months.month_date
    inner join as_of
        on months.month_end_at <= as_of.as_of_at
    inner join costed
        on
            begun.measure = 'revenue'
            or months.month_date between costed.first_month and costed.last_month
),

final as (
    select
        spine.measure,
        spine.tenant_id,
        spine.pack_id,
        spine.revenue_basis,
        spine.period_month,
        case
            when series_stacked.period_month is null then cast(0 as decimal(38, 12))
            else series_stacked.actual_usd
        end as actual_usd
    from spine
    left join series_stacked
        on
            spine.measure = series_stacked.measure
            and spine.tenant_id = series_stacked.tenant_id
            and spine.pack_id = series_stacked.pack_id
            and spine.revenue_basis = series_stacked.revenue_basis
            and spine.period_month = series_stacked.period_month
)

select * from final

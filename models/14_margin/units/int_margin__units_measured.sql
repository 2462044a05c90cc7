with targets as (
    select * from {{ ref('stg_catalogue__unit_cost_targets') }}
),

months as (
    select * from {{ ref('dim_months') }}
),

readings as (
    select * from {{ ref('fct_meter_readings') }}
    where is_current
),

revenue_converted as (
    select * from {{ ref('int_margin__revenue_converted') }}
    where revenue_basis = 'rated' and revenue_kind = 'usage'
),

costs_converted as (
    select * from {{ ref('int_margin__costs_converted') }}
    where is_cogs
),

-- The target of a month is the one in force on its first day.
spine as (
    select
        targets.*,
        months.month_date as period_month
    from targets
    inner join months
        on
            targets.effective_from_date <= months.month_date
            and targets.effective_to_date > months.month_date
),

-- Every environment costs, so the units of all of them count.
metered as (
    select
        meter_id,
        pack_id,
        cast(date_trunc('month', period_start_at) as date) as period_month,
        sum(quantity) as quantity
    from readings
    group by
        meter_id,
        pack_id,
        cast(date_trunc('month', period_start_at) as date)
),

earned as (
    select
        meter_id,
        pack_id,
        period_month,
        {{ sum_of_known('amount_usd') }} as revenue_usd
    from revenue_converted
    group by
        meter_id,
        pack_id,
        period_month
),

-- A month for which no cost has come yet has no row here, and so a cost that is unknown.
spent as (
    select
        spine.meter_id,
        spine.pack_id,
        spine.period_month,
        {{ sum_of_known('costs_converted.amount_usd') }} as cogs_usd
    from spine
    inner join costs_converted
        on
            spine.pack_id = costs_converted.pack_id
            and spine.period_month = costs_converted.period_month
            and (
                spine.capability_ids is null
                or {{ is_listed('costs_converted.capability_id', 'spine.capability_ids') }}
            )
    group by
        spine.meter_id,
        spine.pack_id,
        spine.period_month
),

final as (
    select
        spine.meter_id,
        spine.pack_id,
        spine.period_month,
        spine.capability_ids,
        spine.target_unit_cost_usd,
        spine.regression_ratio,
        cast(coalesce(metered.quantity, 0) as decimal(38, 9)) as quantity,
        case when earned.meter_id is null then 0 else earned.revenue_usd end as revenue_usd,
        spent.cogs_usd
    from spine
    left join metered
        on
            spine.meter_id = metered.meter_id
            and spine.pack_id = metered.pack_id
            and spine.period_month = metered.period_month
    left join earned
        on
            spine.meter_id = earned.meter_id
            and spine.pack_id = earned.pack_id
            and spine.period_month = earned.period_month
    left join spent
        on
            spine.meter_id = spent.meter_id
            and spine.pack_id = spent.pack_id
            and spine.period_month = spent.period_month
    where metered.meter_id is not null or spent.meter_id is not null
)

select * from final

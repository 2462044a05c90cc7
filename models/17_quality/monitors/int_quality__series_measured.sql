{#- Only what is over is measured: usage up to its newest batch, cost up to the newest month that
    anybody has stated. -#}
with event_days as (
    select * from {{ ref('int_quality__event_days') }}
),

landed_files as (
    select * from {{ ref('fct_landed_files') }}
    where source_folder = 'usage_events'
),

statement_rows as (
    select * from {{ ref('fct_cost_statement_rows') }}
    where row_status = 'current'
),

day_quarters as (
    select * from {{ ref('int_quality__day_quarters') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

newest_batches as (
    select cast(max(landed_at) as date) as end_date
    from landed_files
),

newest_statements as (
    select
        least(
            max(statement_rows.cost_month) + interval 1 month,
            date_trunc('month', any_value(as_of.as_of_at))
        ) as end_at
    from statement_rows
    cross join as_of
),

cost_months as (
    select
        concat_ws(
            ':', statement_rows.provider, statement_rows.service_name, statement_rows.currency_code
        ) as series_id,
        statement_rows.cost_month as period_date,
        sum(statement_rows.billed_cost_amount) as amount,
        count(*) filter (
            where statement_rows.billed_cost_amount <> trunc(statement_rows.billed_cost_amount)
        ) as fraction_count,
        count(*) as item_count,
        cast(any_value(newest_statements.end_at) as date) as end_date
    from statement_rows
    inner join newest_statements
        on statement_rows.cost_month < newest_statements.end_at
    group by
        statement_rows.provider,
        statement_rows.service_name,
        statement_rows.currency_code,
        statement_rows.cost_month
),

-- Quantities vary more than counts do, so they are not cut as small. How many of them, and of
-- costs, have decimals tells of another unit, or of decimals that were cut.
measured as (
    {% for measure, by_environment, observed in [
        ('events', ', event_days.environment', 'event_days.event_count'),
        ('quantity', '', 'event_days.quantity'),
        ('fractions', '', 'event_days.fractional_count'),
    ] -%}
        select
            '{{ measure }}' as measure,
            concat_ws(':', event_days.tenant_id, event_days.category{{ by_environment }})
                as series_id,
            event_days.event_date as period_date,
            cast({{ observed }} as decimal(38, 9)) as observed,
            event_days.event_count as item_count,
            newest_batches.end_date
        from event_days
        inner join newest_batches
            on event_days.event_date < newest_batches.end_date
        union all
    {% endfor -%}
    select
        'clock' as measure,
        day_quarters.day_quarter as series_id,
        day_quarters.event_date as period_date,
        cast(day_quarters.event_count as decimal(38, 9)) as observed,
        day_quarters.event_count as item_count,
        newest_batches.end_date
    from day_quarters
    inner join newest_batches
        on day_quarters.event_date < newest_batches.end_date
    union all
    {% for measure, observed in [('cost', 'amount'), ('cost_fractions', 'fraction_count')] -%}
        select
            '{{ measure }}' as measure,
            series_id,
            period_date,
            cast({{ observed }} as decimal(38, 9)) as observed,
            item_count,
            end_date
        from cost_months
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        measure,
        series_id,
        period_date,
        observed,
        item_count,
        end_date
    from measured
)

select * from final

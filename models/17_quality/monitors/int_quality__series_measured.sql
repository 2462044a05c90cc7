{#- Only what is over is measured: usage up to its newest batch, cost up to the month of as-of. -#}
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

as_of as (
    select * from {{ ref('dim_as_of') }}
),

newest_batches as (
    select cast(max(landed_at) as date) as end_date
    from landed_files
),

measured as (
    {% for measure, column in [('events', 'event_count'), ('quantity', 'quantity')] -%}
        select
            '{{ measure }}' as measure,
            concat_ws(':', event_days.tenant_id, event_days.category) as series_id,
            event_days.event_date as period_date,
            cast(event_days.{{ column }} as decimal(38, 9)) as observed,
            event_days.event_count as item_count,
            newest_batches.end_date
        from event_days
        inner join newest_batches
            on event_days.event_date < newest_batches.end_date
        union all
    {% endfor -%}
    select
        'cost' as measure,
        concat_ws(
            ':', statement_rows.provider, statement_rows.service_name, statement_rows.currency_code
        ) as series_id,
        statement_rows.cost_month as period_date,
        cast(sum(statement_rows.billed_cost_amount) as decimal(38, 9)) as observed,
        count(*) as item_count,
        cast(date_trunc('month', any_value(as_of.as_of_at)) as date) as end_date
    from statement_rows
    inner join as_of
        on statement_rows.cost_month < date_trunc('month', as_of.as_of_at)
    group by
        statement_rows.provider,
        statement_rows.service_name,
        statement_rows.currency_code,
        statement_rows.cost_month
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

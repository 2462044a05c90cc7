with spans as (
    select * from {{ ref('fct_revenue_spans') }}
),

prices_changed as (
    select
        span_id,
        cast(date_trunc('month', changed_date) as date) as changed_month,
        sum(price_change_amount) as price_change_amount,
        sum(earned_change_amount) as earned_change_amount
    from {{ ref('int_revenue__prices_changed') }}
    group by
        span_id,
        cast(date_trunc('month', changed_date) as date)
),

as_of as (
    select cast(as_of_at as date) as as_of_date
    from {{ ref('dim_as_of') }}
),

last_changes as (
    select
        span_id,
        max(changed_month) as changed_month
    from prices_changed
    group by span_id
),

months as (
    select
        spans.span_id,
        cast(unnest(generate_series(
            cast(date_trunc('month', spans.earned_from_date) as timestamp),
            cast(greatest(
                spans.earned_from_date, spans.earned_to_date - 1, last_changes.changed_month
            ) as timestamp),
            interval 1 month
        )) as date) as revenue_month
    from spans
    left join last_changes
        on spans.span_id = last_changes.span_id
),

-- A change before the first month of a span counts from that month on.
changed_so_far as (
    select
        months.span_id,
        months.revenue_month,
        sum(prices_changed.price_change_amount) as price_change_amount,
        sum(prices_changed.earned_change_amount) as earned_change_amount
    from months
    inner join prices_changed
        on
            months.span_id = prices_changed.span_id
            and months.revenue_month >= prices_changed.changed_month
    group by
        months.span_id,
        months.revenue_month
),

reached as (
    select
        spans.*,
        months.revenue_month,
        as_of.as_of_date,
        {{ months_after('months.revenue_month', 1) }} as month_to_date,
        {{ earlier_of(months_after('months.revenue_month', 1), 'as_of.as_of_date') }}
            as reached_date,
        coalesce(changed_so_far.price_change_amount, 0) as price_change_amount,
        coalesce(changed_so_far.earned_change_amount, 0) as earned_change_amount
    from months
    inner join spans
        on months.span_id = spans.span_id
    left join changed_so_far
        on
            months.span_id = changed_so_far.span_id
            and months.revenue_month = changed_so_far.revenue_month
    cross join as_of
),

final as (
    select
        span_id,
        obligation_id,
        balance_key,
        contract_id,
        tenant_id,
        pack_id,
        revenue_kind,
        currency_code,
        minor_unit,
        is_internal,
        booking_month,
        revenue_month,
        revenue_month <= as_of_date as has_begun,
        earned_from_date,
        earned_to_date,
        month_to_date,
        reached_date,
        position_count,
        {{ service_position('convention', 'month_to_date') }} - start_position as month_elapsed,
        {{ service_position('convention', 'reached_date') }} - start_position as reached_elapsed,
        price_amount + price_change_amount as changed_amount,
        earned_change_amount
    from reached
)

select * from final

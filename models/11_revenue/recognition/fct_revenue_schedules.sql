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

earned as (
    select
        *,
        {% for name, day in [('scheduled', 'month_to_date'), ('earned', 'reached_date')] -%}
            {{ earned_part('(price_amount + price_change_amount)', 'reached', day) }}
            + earned_change_amount as {{ name }}_so_far,
        {% endfor -%}
        revenue_month <= as_of_date as has_begun
    from reached
),

-- A day is earned when it has ended. What is to come is scheduled by what is known now.
final as (
    select
        span_id,
        obligation_id,
        balance_key,
        contract_id,
        tenant_id,
        pack_id,
        revenue_kind,
        is_internal,
        booking_month,
        revenue_month,
        cast(
            scheduled_so_far - lag(scheduled_so_far, 1, 0) over in_order as decimal(22, 4)
        ) as scheduled_amount,
        cast(
            case
                when has_begun then earned_so_far - lag(earned_so_far, 1, 0) over in_order else 0
            end
            as decimal(22, 4)
        ) as earned_amount,
        currency_code
    from earned
    window in_order as (partition by span_id order by revenue_month)
)

select * from final

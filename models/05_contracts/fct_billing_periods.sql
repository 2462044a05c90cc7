with intervals as (
    select
        *,
        {{ utc_of_civil('full_start_date', 'time_zone') }} as full_start_at,
        {{ utc_of_civil('full_end_date', 'time_zone') }} as full_end_at
    from {{ ref('int_contracts__intervals_numbered') }}
),

-- An interval is cut to the contract's range; one that has not begun by as-of is no period yet.
cut as (
    select
        *,
        {{ later_of('full_start_at', 'from_at') }} as period_start_at,
        {{ earlier_of('full_end_at', 'to_at') }} as period_end_at
    from intervals
    where full_start_at < to_at and full_end_at > from_at and from_at < to_at
),

dated as (
    select
        *,
        {{ civil_date('period_start_at', 'time_zone') }} as period_start_date,
        {{ civil_date('period_end_at', 'time_zone') }} as period_end_date
    from cut
    where period_start_at <= as_of_at
),

final as (
    select
        case covers
            when 'fee' then {{ content_id(['contract_id', 'period_start_at', 'covers']) }}
            else {{ content_id(['contract_id', 'period_start_at']) }}
        end as billing_period_id,
        contract_id,
        tenant_id,
        currency_code,
        covers,
        period_interval,
        timing,
        proration,
        split_rounding,
        rounding_mode,
        time_zone,
        cast(date_trunc('month', period_start_date) as date) as period_month,
        cast(month_count as integer) as month_count,
        date_diff('day', full_start_date, full_end_date) as full_day_count,
        fees_from_date,
        period_start_date,
        period_end_date,
        case timing when 'in_advance' then period_start_date else period_end_date - 1 end
            as tax_point_date,
        case timing when 'in_advance' then period_start_date else period_end_date end as bills_date,
        case timing when 'in_advance' then period_start_at else period_end_at end as bills_at,
        full_start_at,
        full_end_at,
        period_start_at,
        period_end_at
    from dated
)

select * from final

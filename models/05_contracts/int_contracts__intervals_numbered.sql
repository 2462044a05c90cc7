{#- Weeks begin on Mondays, all longer intervals of the calendar where one of this year does. -#}
{%- set a_monday, a_year = "date '2000-01-03'", "date '2000-01-01'" -%}
with terms_held as (
    select * from {{ ref('int_contracts__terms_held') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

-- One kind of period for all, or fees and usage each by their own interval: usage is billed when it
-- is known, fees when it was agreed.
kinds as (
    select
        *,
        case when is_billed_together then 'all' else 'usage' end as covers,
        billing_interval as period_interval,
        'in_arrears' as timing
    from terms_held
    union all
    select
        *,
        'fee' as covers,
        fee_interval as period_interval,
        fee_timing as timing
    from terms_held
    where not is_billed_together
),

anchored as (
    select
        kinds.*,
        {{ months_in_interval('kinds.period_interval') }} as month_count,
        case
            when kinds.anchor = 'anniversary' then kinds.anniversary_date
            when kinds.period_interval = 'week' then {{ a_monday }}
            else {{ a_year }}
        end as anchor_date,
        as_of.as_of_at,
        cast(as_of.as_of_at as date) as as_of_date
    from kinds
    cross join as_of
),

-- Enough of them on either side; those that the contract does not reach are left out later.
numbered as (
    select
        *,
        unnest(generate_series(
            case
                when month_count is null then date_diff('day', anchor_date, from_date) // 7 - 1
                else date_diff('month', anchor_date, from_date) // month_count - 1
            end,
            case
                when month_count is null then date_diff('day', anchor_date, as_of_date) // 7 + 1
                else date_diff('month', anchor_date, as_of_date) // month_count + 1
            end
        )) as interval_number
    from anchored
),

final as (
    select
        contract_id,
        tenant_id,
        currency_code,
        covers,
        period_interval,
        month_count,
        timing,
        proration,
        split_rounding,
        rounding_mode,
        time_zone,
        fees_from_date,
        from_at,
        to_at,
        {% for name, number in [('start', 'interval_number'), ('end', '(interval_number + 1)')] -%}
            case
                when month_count is null then anchor_date + cast({{ number }} * 7 as integer)
                else {{ months_after('anchor_date', number ~ ' * month_count') }}
            end as full_{{ name }}_date,
        {% endfor -%}
        as_of_at
    from numbered
)

select * from final

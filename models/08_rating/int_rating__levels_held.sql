{%- set hour_end = 'changes.hour_start_at + interval 1 hour' -%}
with contract_lines as (
    select * from {{ ref('fct_rated_lines') }}
),

meter_hours as (
    select * from {{ ref('fct_meter_hours') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

periods as (
    select * from {{ ref('fct_billing_periods') }}
),

-- A draft bills what has been held so far, not what would be held if nothing changed. A month is
-- as long as those of the interval are on average, and of a week as the one in which it begins.
lines_to_date as (
    select
        contract_lines.contract_line_id,
        contract_lines.tenant_id,
        contract_lines.meter_id,
        contract_lines.environments,
        contract_lines.tiers_per,
        contract_lines.rated_from_at,
        contract_lines.landed_until_at,
        coalesce(periods.month_count, 1) as month_count,
        case
            when periods.month_count is not null
                then {{ microseconds_between('periods.full_start_at', 'periods.full_end_at') }}
            else {{ microseconds_between(
                'contract_lines.period_month', 'contract_lines.period_month + interval 1 month'
            ) }}
        end as months_microseconds,
        {{ earlier_of('contract_lines.segment_end_at', "date_trunc('hour', as_of.as_of_at)") }}
            as held_until_at
    from contract_lines
    inner join as_of
        on contract_lines.segment_start_at <= as_of.as_of_at
    inner join periods
        on contract_lines.billing_period_id = periods.billing_period_id
),

changes as (
    select *
    from meter_hours
    where aggregation in ('time_weighted', 'sum_prorated')
),

-- A change before what is rated holds through it, a change inside it holds from its own time on.
held as (
    select
        lines_to_date.contract_line_id,
        lines_to_date.month_count,
        lines_to_date.months_microseconds,
        lines_to_date.rated_from_at,
        case lines_to_date.tiers_per when 'group' then changes.group_value else '' end
            as group_value,
        sum(case
            when changes.hour_start_at < lines_to_date.rated_from_at
                then changes.step_nanos * {{ microseconds_between(
                    'lines_to_date.rated_from_at', 'lines_to_date.held_until_at'
                ) }}
            when changes.aggregation = 'sum_prorated'
                then changes.step_nanos * {{ microseconds_between(
                    "date_trunc('day', changes.hour_start_at)", 'lines_to_date.held_until_at'
                ) }}
            else changes.step_nano_microseconds + changes.step_nanos * {{ microseconds_between(
                hour_end, 'lines_to_date.held_until_at'
            ) }}
        end) as nano_microseconds,
        sum(changes.event_count) filter (
            where changes.hour_start_at >= lines_to_date.rated_from_at
        ) as event_count,
        sum(changes.event_digest) filter (
            where changes.hour_start_at >= lines_to_date.rated_from_at
        ) as event_digest
    from lines_to_date
    inner join changes
        on
            lines_to_date.tenant_id = changes.tenant_id
            and lines_to_date.meter_id = changes.meter_id
            and lines_to_date.held_until_at > changes.hour_start_at
            and {{ is_listed('changes.environment', 'lines_to_date.environments') }}
            and {{ is_known('changes.landed_at', 'lines_to_date') }}
    group by
        lines_to_date.contract_line_id,
        lines_to_date.month_count,
        lines_to_date.months_microseconds,
        lines_to_date.rated_from_at,
        case lines_to_date.tiers_per when 'group' then changes.group_value else '' end
),

final as (
    select
        contract_line_id,
        group_value,
        rated_from_at as window_start_at,
        cast({{ from_nanos(half_away_quotient(
            'nano_microseconds * month_count', 'months_microseconds',
        )) }} as decimal(38, 9)) as quantity,
        cast(coalesce(event_count, 0) as bigint) as event_count,
        cast(coalesce(event_digest, 0) as hugeint) as event_digest
    from held
)

select * from final

with revenue_charges as (
    select * from {{ ref('fct_revenue_charges') }}
    where
        revenue_kind = 'usage'
        and date_trunc('month', earned_from_date) < date_trunc('month', service_to_date - 1)
),

rated_usage as (
    select * from {{ ref('fct_rated_usage') }}
),

contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

meter_hours as (
    select * from {{ ref('fct_meter_hours') }}
    where quantity > 0
),

parts as (
    select
        charge_key,
        charge_id,
        cast(unnest(generate_series(
            date_trunc('month', earned_from_date),
            cast(service_to_date - 1 as timestamp),
            interval 1 month
        )) as date) as revenue_month,
        earned_from_date,
        service_to_date
    from revenue_charges
),

-- What adds up is delivered in the month of its hours.
metered as (
    select
        parts.charge_key,
        parts.revenue_month,
        sum(meter_hours.quantity) as quantity
    from parts
    inner join rated_usage
        on parts.charge_id = rated_usage.rated_usage_id
    inner join contract_lines
        on rated_usage.contract_line_id = contract_lines.contract_line_id
    inner join meter_hours
        on
            rated_usage.tenant_id = meter_hours.tenant_id
            and rated_usage.meter_id = meter_hours.meter_id
            and {{ is_listed('meter_hours.environment', 'contract_lines.environments') }}
            and contract_lines.segment_start_at <= meter_hours.hour_start_at
            and contract_lines.segment_end_at > meter_hours.hour_start_at
            and parts.revenue_month = date_trunc('month', meter_hours.hour_start_at)
            and (
                contract_lines.tiers_per <> 'group'
                or rated_usage.group_value = meter_hours.group_value
            )
    group by
        parts.charge_key,
        parts.revenue_month
),

-- Where nothing was metered that adds up, each day weighs the same.
final as (
    select
        parts.charge_key,
        parts.revenue_month,
        {{ later_of('parts.revenue_month', 'parts.earned_from_date') }} as delivered_date,
        cast(case
            when sum(metered.quantity) over (partition by parts.charge_key) > 0
                then coalesce(metered.quantity, 0)
            else date_diff(
                'day',
                {{ later_of('parts.revenue_month', 'parts.earned_from_date') }},
                {{ earlier_of(months_after('parts.revenue_month', 1), 'parts.service_to_date') }}
            )
        end as decimal(38, 9)) as weight
    from parts
    left join metered
        on
            parts.charge_key = metered.charge_key
            and parts.revenue_month = metered.revenue_month
)

select * from final

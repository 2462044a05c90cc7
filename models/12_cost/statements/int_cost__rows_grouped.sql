{%- set last_instant -%}
    coalesce(rows_checked.charge_period_end_at - interval 1 microsecond, rows_checked.charge_period_start_at)
{%- endset -%}
{%- set grouped_by = posted_by() + [
    'provider_invoice_id', 'sub_account_id', 'currency_code', 'charge_category',
    'commitment_discount_id', 'commitment_discount_status', 'service_name', 'service_category', 'region', 'resource_key',
    'tags', 'slice_start_at', 'slice_end_at',
] -%}
with rows_checked as (
    select * from {{ ref('int_cost__rows_checked') }}
    where is_accepted
),

allocation_rules as (
    select * from {{ ref('stg_catalogue__allocation_rules') }}
),

-- Charge periods are told apart as finely as some rule shares cost by them: millions of rows become
-- thousands before anything else is done.
finest as (
    select
        case min(case driver_grain when 'hour' then 1 when 'day' then 2 else 3 end)
            when 1 then 'hour'
            when 2 then 'day'
            else 'month'
        end as grain
    from allocation_rules
),

cut as (
    select
        rows_checked.*,
        {{ later_of('rows_checked.charge_period_start_at', last_instant) }} as last_instant_at,
        case
            when finest.grain = 'month' then cast(rows_checked.driver_month as timestamp)
            else date_trunc(finest.grain, rows_checked.charge_period_start_at)
        end as slice_start_at,
        case finest.grain
            when 'month' then cast(rows_checked.driver_month as timestamp) + interval 1 month
            when 'day' then date_trunc('day', last_instant_at) + interval 1 day
            else date_trunc('hour', last_instant_at) + interval 1 hour
        end as slice_end_at
    from rows_checked
    cross join finest
),

final as (
    select
        {{ grouped_by | join(', ') }},
        cast(sum(billed_cost_amount) as decimal(38, 12)) as billed_cost_amount,
        cast(sum(effective_cost_amount) as decimal(38, 12)) as effective_cost_amount,
        count(*) as source_row_count,
        max(charge_period_end_at) as charged_to_at
    from cut
    group by {{ grouped_by | join(', ') }}
)

select * from final

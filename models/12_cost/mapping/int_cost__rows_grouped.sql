{%- set last_instant -%}
    coalesce(charge_period_end_at - interval 1 microsecond, charge_period_start_at)
{%- endset -%}
with rows_posted as (
    select * from {{ ref('int_cost__rows_posted') }}
    where is_posted
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

-- A statement that was replaced after its month was closed is taken back in the open month.
postings as (
    select
        *,
        cost_month as posted_month,
        1 as sign,
        {{ later_of('charge_period_start_at', last_instant) }} as last_instant_at
    from rows_posted
    union all
    select
        *,
        reversed_in_month as posted_month,
        -1 as sign,
        {{ later_of('charge_period_start_at', last_instant) }} as last_instant_at
    from rows_posted
    where reversed_in_month is not null
),

cut as (
    select
        postings.*,
        case
            when finest.grain = 'month' then cast(postings.driver_month as timestamp)
            else date_trunc(finest.grain, postings.charge_period_start_at)
        end as slice_start_at,
        case finest.grain
            when 'month' then cast(postings.driver_month as timestamp) + interval 1 month
            when 'day' then date_trunc('day', postings.last_instant_at) + interval 1 day
            else date_trunc('hour', postings.last_instant_at) + interval 1 hour
        end as slice_end_at
    from postings
    cross join finest
),

final as (
    select
        posted_month as cost_month,
        driver_month,
        provider_name,
        provider_invoice_id,
        billing_account_id,
        sub_account_id,
        currency_code,
        charge_category,
        commitment_discount_status,
        service_name,
        service_category,
        region,
        resource_key,
        tags,
        slice_start_at,
        slice_end_at,
        cast(sum(sign * billed_cost_amount) as decimal(38, 12)) as billed_cost_amount,
        cast(sum(sign * effective_cost_amount) as decimal(38, 12)) as effective_cost_amount,
        count(*) as source_row_count
    from cut
    group by
        posted_month,
        driver_month,
        provider_name,
        provider_invoice_id,
        billing_account_id,
        sub_account_id,
        currency_code,
        charge_category,
        commitment_discount_status,
        service_name,
        service_category,
        region,
        resource_key,
        tags,
        slice_start_at,
        slice_end_at
)

select * from final

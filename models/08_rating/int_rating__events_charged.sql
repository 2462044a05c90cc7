with priced as (
    select * from {{ ref('int_rating__events_priced') }}
),

-- An event is free while it is within the limits that are given; what one of them cuts off is
-- charged.
freed as (
    select
        *,
        case
            when nullif(free_event_count, 0) is null and nullif(free_event_amount, 0) is null then 0
            when event_number > nullif(free_event_count, 0) then 0
            when nullif(free_event_amount, 0) is null then event_amount
            else greatest(
                least(running_amount, free_event_amount)
                - greatest(running_amount - event_amount, 0), 0
            )
        end as free_amount,
        coalesce(event_number <= nullif(free_event_count, 0), free_event_amount > 0, false)
        and coalesce(running_amount <= nullif(free_event_amount, 0), true) as is_free
    from priced
),

charged as (
    select
        *,
        cast(event_amount - free_amount as decimal(22, 9)) as charged_amount,
        case
            when is_free then 0
            else least(
                greatest(
                    cast(event_amount - free_amount as decimal(22, 9)) * unit_price
                    + fixed_amount_per_event,
                    minimum_amount_per_event
                ),
                maximum_amount_per_event
            )
        end as amount
    from freed
),

final as (
    select
        contract_line_id,
        cast(count(*) filter (where not is_free) as bigint) as charged_event_count,
        count(*) filter (where event_amount is null) as unknown_event_count,
        cast(sum(charged_amount) as decimal(22, 9)) as units,
        max(unit_price) as unit_price,
        cast(sum(amount) as decimal(38, 18)) as amount
    from charged
    group by contract_line_id
)

select * from final

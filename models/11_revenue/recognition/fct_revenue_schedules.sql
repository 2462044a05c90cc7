with measured as (
    select * from {{ ref('int_revenue__months_reached') }}
),

earned as (
    select
        *,
        {{ earned_part('changed_amount', 'measured', 'month_to_date', 'month_elapsed') }}
        + earned_change_amount as scheduled_so_far,
        {{ earned_part('changed_amount', 'measured', 'reached_date', 'reached_elapsed') }}
        + earned_change_amount as earned_so_far
    from measured
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

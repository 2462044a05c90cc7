with policies_chosen as (
    select * from {{ ref('int_revenue__policies_chosen') }}
),

-- A fee that is not prorated and whose period was cut short was for all of it.
placed as (
    select
        *,
        has_term
        and revenue_kind = 'subscription'
        and service_from_date < contract_to_date as is_of_term,
        revenue_kind = 'subscription'
        and proration = 'none'
        and service_to_date = period_to_date
        and period_to_date < full_period_to_date as is_cancelled,
        case
            when revenue_kind = 'subscription' then 'over_service'
            when revenue_kind = 'usage' then 'at_delivery'
            when revenue_kind = 'one_time' and one_time_over = 'months' then 'over_months'
            when revenue_kind = 'one_time' and one_time_over = 'contract_term'
                then 'over_contract'
            when revenue_kind = 'one_time' then 'at_start'
            when revenue_kind = 'commitment' and shortfall = 'spread' then 'over_service'
            else 'at_end'
        end as earned
    from policies_chosen
),

dated as (
    select
        *,
        case when earned = 'at_end' then service_to_date - 1 else service_from_date end
            as earned_from_date,
        case
            when is_cancelled and cancellation = 'unchanged' then full_period_to_date
            when earned = 'over_service' then service_to_date
            when earned = 'at_end' then service_to_date - 1
            when earned = 'over_months'
                then {{ months_after('service_from_date', 'one_time_months') }}
            when earned = 'over_contract'
                then {{ later_of('contract_to_date', 'service_from_date') }}
            else service_from_date
        end as earned_to_date
    from placed
),

-- What is earned over no days is earned whole on its day.
final as (
    select
        charge_key,
        charge_id,
        billing_period_id,
        {{ obligation_of('contract_id', 'revenue_kind', 'line_code') }} as obligation_id,
        case
            when is_of_term then {{ term_of('contract_id', 'line_code') }} else charge_key
        end as balance_key,
        contract_id,
        tenant_id,
        line_code,
        pack_id,
        revenue_kind,
        currency_code,
        minor_unit,
        is_internal,
        is_of_term,
        fee_convention as convention,
        credit_memo,
        price_amount,
        earned_from_date,
        earned_to_date,
        case when is_cancelled then full_period_to_date else earned_to_date end as weighed_to_date,
        service_to_date,
        booking_month
    from dated
)

select * from final

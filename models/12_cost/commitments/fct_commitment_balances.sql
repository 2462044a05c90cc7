with groups_posted as (
    select * from {{ ref('int_cost__groups_posted') }}
    where commitment_discount_id is not null
),

-- A commitment is paid for when it is bought, and costs as it is used or runs out unused.
sorted as (
    select
        *,
        case
            when lower(charge_category) = 'purchase' then 'bought'
            when lower(charge_category) = 'usage' then lower(commitment_discount_status)
        end as side
    from groups_posted
),

totalled as (
    select
        provider_name as provider,
        commitment_discount_id,
        currency_code,
        cost_month as balance_month,
        {{ sum_of_known('billed_cost_amount', "side = 'bought'") }}
            as purchased_cost_amount,
        {{ sum_of_known('effective_cost_amount', "side = 'used'") }}
            as used_cost_amount,
        {{ sum_of_known('effective_cost_amount', "side = 'unused'") }}
            as unused_cost_amount,
        max(case when side = 'bought' then charged_to_at end) as bought_to_at
    from sorted
    where side in ('bought', 'used', 'unused')
    group by
        provider_name,
        commitment_discount_id,
        currency_code,
        cost_month
),

final as (
    select
        provider,
        commitment_discount_id,
        currency_code,
        balance_month,
        purchased_cost_amount,
        used_cost_amount,
        unused_cost_amount,
        cast(
            sum(purchased_cost_amount - used_cost_amount - unused_cost_amount) over so_far
            as decimal(38, 12)
        ) as prepaid_balance_amount,
        max(bought_to_at) over so_far as bought_to_at
    from totalled
    window so_far as (
        partition by provider, commitment_discount_id, currency_code order by balance_month
    )
)

select * from final

with commitment_balances as (
    select * from {{ ref('fct_commitment_balances') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

numbered as (
    select
        *,
        row_number() over (
            partition by provider, commitment_discount_id, currency_code
            order by balance_month desc
        ) as months_ago_number
    from commitment_balances
),

-- While a term runs the balance is what is left to use; at its end nothing may be left.
final as (
    select
        numbered.provider,
        numbered.commitment_discount_id,
        numbered.currency_code,
        case
            when numbered.bought_to_at is null then 'purchase_not_landed'
            when numbered.prepaid_balance_amount > 0 then 'not_used_up'
            else 'used_beyond_purchase'
        end as reason,
        numbered.balance_month,
        numbered.prepaid_balance_amount,
        numbered.bought_to_at
    from numbered
    cross join as_of
    where
        numbered.months_ago_number = 1
        and numbered.prepaid_balance_amount <> 0
        and (numbered.bought_to_at <= as_of.as_of_at or numbered.bought_to_at is null)
)

select * from final

with contract_fees as (
    select * from {{ ref('fct_contract_fees') }}
),

contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

rated_usage as (
    select * from {{ ref('fct_rated_usage') }}
),

-- What the invoice asks for, each line rounded as it is there.
charged as (
    select
        billing_period_id,
        true as is_fee,
        amount
    from contract_fees
    union all
    select
        contract_lines.billing_period_id,
        false as is_fee,
        {{ rounded_part('rated_usage', 'contract_lines.minor_unit') }} as amount
    from rated_usage
    inner join contract_lines
        on rated_usage.contract_line_id = contract_lines.contract_line_id
    where rated_usage.is_current
),

final as (
    select
        billing_period_id,
        count(*) - count(amount) as unknown_count,
        coalesce(sum(amount) filter (where is_fee), 0) as fee_amount,
        sum(amount) as charged_amount
    from charged
    group by billing_period_id
)

select * from final

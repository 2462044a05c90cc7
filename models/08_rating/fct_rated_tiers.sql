with tiers_reached as (
    select * from {{ ref('int_rating__tiers_reached') }}
),

-- Where tiers apply to each hour or day, what all of them came to in a tier.
final as (
    select
        contract_line_id,
        group_value,
        tier_number,
        currency_code,
        cast(sum(units) as decimal(38, 9)) as units,
        max(unit_price) as unit_price,
        cast(sum(flat_amount) as decimal(22, 9)) as flat_amount,
        cast(case when count(*) = count(amount) then sum(amount) end as decimal(38, 18)) as amount
    from tiers_reached
    group by
        contract_line_id,
        group_value,
        tier_number,
        currency_code
)

select * from final

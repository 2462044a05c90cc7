with revenue_charges as (
    select * from {{ ref('fct_revenue_charges') }}
    where revenue_kind in ('subscription', 'one_time') and not is_of_term
),

contract_fees as (
    select * from {{ ref('fct_contract_fees') }}
),

standalone_prices as (
    select * from {{ ref('stg_catalogue__standalone_prices') }}
),

-- The parts of a bundle are what is charged from one day on for one billing period.
bundled as (
    select
        revenue_charges.charge_key,
        {{ content_id(['revenue_charges.billing_period_id', 'revenue_charges.earned_from_date']) }}
            as bundle_id,
        coalesce(standalone_prices.group_code, revenue_charges.charge_key) as unit_code,
        coalesce(standalone_prices.group_amount, standalone_prices.standalone_amount)
            as unit_amount,
        standalone_prices.standalone_amount,
        revenue_charges.price_amount,
        revenue_charges.minor_unit,
        contract_fees.full_period_amount
    from revenue_charges
    inner join contract_fees
        on revenue_charges.charge_id = contract_fees.contract_line_id
    inner join standalone_prices
        on
            revenue_charges.contract_id = standalone_prices.contract_id
            and revenue_charges.line_code = standalone_prices.line_code
            and revenue_charges.earned_from_date >= standalone_prices.effective_from_at
            and revenue_charges.earned_from_date < standalone_prices.effective_to_at
),

-- A group counts once, with what it costs together; a line without a price of its own is worth
-- what the others leave of the price of a whole period.
summed as (
    select
        bundle_id,
        sum(price_amount) as bundle_amount,
        sum(full_period_amount) as full_amount,
        count(*) as line_count
    from bundled
    group by bundle_id
),

units as (
    select
        bundle_id,
        unit_code,
        max(unit_amount) as unit_amount
    from bundled
    group by
        bundle_id,
        unit_code
),

stated as (
    select
        bundle_id,
        sum(unit_amount) as stated_amount
    from units
    group by bundle_id
),

final as (
    select
        bundled.bundle_id,
        bundled.charge_key,
        bundled.unit_code,
        bundled.minor_unit,
        cast(summed.bundle_amount as decimal(22, 4)) as bundle_amount,
        cast(coalesce(
            units.unit_amount,
            {{ later_of('summed.full_amount - coalesce(stated.stated_amount, 0)', '0') }}
        ) as decimal(28, 9)) as unit_weight,
        cast(coalesce(bundled.standalone_amount, 1) as decimal(28, 9)) as line_weight
    from bundled
    inner join summed
        on bundled.bundle_id = summed.bundle_id
    inner join units
        on
            bundled.bundle_id = units.bundle_id
            and bundled.unit_code = units.unit_code
    inner join stated
        on bundled.bundle_id = stated.bundle_id
    where summed.line_count > 1
)

select * from final

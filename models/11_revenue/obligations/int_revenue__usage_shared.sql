with usage_delivered as (
    select * from {{ ref('int_revenue__usage_delivered') }}
),

revenue_charges as (
    select * from {{ ref('fct_revenue_charges') }}
),

weighed as (
    select
        usage_delivered.charge_key,
        usage_delivered.delivered_date,
        revenue_charges.minor_unit,
        revenue_charges.price_amount,
        sum(usage_delivered.weight) over so_far as weight_so_far,
        sum(usage_delivered.weight) over (partition by usage_delivered.charge_key) as total_weight,
        row_number() over so_far as part_number
    from usage_delivered
    inner join revenue_charges
        on usage_delivered.charge_key = revenue_charges.charge_key
    window
        so_far as (
            partition by usage_delivered.charge_key order by usage_delivered.revenue_month
            rows between unbounded preceding and current row
        )
),

reached as (
    select
        *,
        {{ half_away_quotient(
            'cast(price_amount * ' ~ minor_units_in_one('minor_unit') ~ ' as hugeint) * '
            ~ to_nanos('weight_so_far'),
            to_nanos('total_weight'),
        ) }} as reached_units
    from weighed
),

-- Parts get what the running total has grown by, so that they add up to the charge.
final as (
    select
        charge_key,
        cast(part_number as integer) as part_number,
        delivered_date,
        {{ from_minor_units(
            'reached_units - lag(reached_units, 1, 0) over parts', 'minor_unit'
        ) }} as part_amount
    from reached
    window parts as (partition by charge_key order by part_number)
)

select * from final

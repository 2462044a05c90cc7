with charges_weighed as (
    select * from {{ ref('int_invoicing__charges_weighed') }}
),

periods as (
    select * from {{ ref('fct_billing_periods') }}
),

in_minor_units as (
    select
        *,
        cast(abs(amount) * {{ minor_units_in_one('minor_unit') }} as hugeint) as charge_units,
        cast(sum(weight) over (partition by charge_key) as hugeint) as total_weight
    from charges_weighed
),

shared as (
    select
        *,
        {{ share_floor('charge_units', 'weight', 'total_weight') }} as floor_units,
        row_number() over (
            partition by charge_key
            order by
                {{ share_remainder('charge_units', 'weight', 'total_weight') }} desc,
                business_unit_id asc
        ) as remainder_rank
    from in_minor_units
),

topped_up as (
    select
        *,
        floor_units + case
            when remainder_rank <= charge_units - sum(floor_units) over (partition by charge_key)
                then 1
            else 0
        end as units
    from shared
),

-- At the transfer price, which is that of the plan: no revenue and no receivable comes of it.
final as (
    select
        topped_up.charge_key,
        topped_up.business_unit_id,
        topped_up.billing_period_id,
        topped_up.contract_id,
        topped_up.tenant_id,
        topped_up.line_type,
        topped_up.pack_id,
        topped_up.description,
        {{ from_minor_units('topped_up.units * sign(topped_up.amount)', 'topped_up.minor_unit') }}
            as amount,
        periods.currency_code,
        periods.period_month
    from topped_up
    inner join periods
        on topped_up.billing_period_id = periods.billing_period_id
)

select * from final

with taxes_matched as (
    select
        *,
        exact_tax_amount * {{ minor_units_in_one('minor_unit') }} as exact_units
    from {{ ref('int_invoicing__taxes_matched') }}
),

-- Parts without end are taken to 9 decimals where they are summed, so that a half stays one.
summed as (
    select
        billing_period_id,
        rounding_key,
        max(tax_rounding) as tax_rounding,
        round(cast(sum(exact_units) as decimal(38, 13)), 9) as exact_units
    from taxes_matched
    group by
        billing_period_id,
        rounding_key
),

cut as (
    select
        *,
        round(sum(exact_units) over invoice, 0) - sum(trunc(exact_units)) over invoice as left_over
    from summed
    window invoice as (partition by billing_period_id)
),

-- Rounded once for the invoice, the sum goes to the taxes by largest remainder. Rounded for each
-- tax or for each line, what is rounded is the sum itself.
rounded as (
    select
        billing_period_id,
        rounding_key,
        case
            when tax_rounding = 'per_invoice'
                then {{ largest_remainder_part(
                    'exact_units', 'left_over', 'billing_period_id', 'rounding_key'
                ) }}
            else round(exact_units, 0)
        end as rounded_units
    from cut
),

-- What is rounded goes to the lines in the same way, or to the taxes of a line.
spread as (
    select
        taxes_matched.*,
        rounded.rounded_units - sum(trunc(taxes_matched.exact_units)) over (
            partition by taxes_matched.billing_period_id, taxes_matched.rounding_key
        ) as left_over
    from taxes_matched
    inner join rounded
        on
            taxes_matched.billing_period_id = rounded.billing_period_id
            and taxes_matched.rounding_key = rounded.rounding_key
),

taxed as (
    select
        *,
        {{ from_minor_units(
            largest_remainder_part(
                'exact_units', 'left_over', 'billing_period_id, rounding_key',
                'line_number, tax_name',
            ),
            'minor_unit',
        ) }} as tax_amount
    from spread
),

final as (
    select
        billing_period_id,
        charge_id,
        tax_name,
        version,
        line_number,
        tax_treatment,
        tax_ratio,
        cast(
            base_amount
            - case
                when prices_include_tax
                    then sum(tax_amount) over (partition by billing_period_id, charge_id)
                else 0
            end as decimal(22, 4)
        ) as taxable_amount,
        tax_amount,
        exact_tax_amount
    from taxed
)

select * from final

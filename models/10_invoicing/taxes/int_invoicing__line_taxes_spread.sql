with taxes_matched as (
    select
        *,
        exact_tax_amount * {{ minor_units_in_one('minor_unit') }} as exact_units
    from {{ ref('int_invoicing__taxes_matched') }}
),

-- Once for the invoice, once for each of its taxes, or once for each line, as its terms say. Sums of
-- parts without end are taken to 9 decimals first, so that a half stays one.
summed as (
    select
        billing_period_id,
        case when tax_rounding = 'per_line' then charge_id end as rounded_charge_id,
        case when tax_rounding <> 'per_line' then tax_name end as rounded_tax_name,
        case when tax_rounding <> 'per_line' then tax_ratio end as rounded_tax_ratio,
        case when tax_rounding <> 'per_line' then tax_treatment end as rounded_treatment,
        max(tax_rounding) as tax_rounding,
        round(cast(sum(exact_units) as decimal(38, 13)), 9) as exact_units
    from taxes_matched
    group by all
),

rounded as (
    select
        *,
        case
            when tax_rounding = 'per_invoice'
                then
                    round(sum(exact_units) over invoice, 0)
                    - sum(trunc(exact_units)) over invoice
        end as left_over
    from summed
    window invoice as (partition by billing_period_id)
),

-- The whole tax of an invoice goes to its taxes by largest remainder, and that of each to its lines.
shared as (
    select
        *,
        case
            when tax_rounding = 'per_invoice'
                then {{ largest_remainder_part(
                    'exact_units', 'left_over', 'billing_period_id',
                    'rounded_tax_name, rounded_tax_ratio, rounded_treatment',
                ) }}
            else round(exact_units, 0)
        end as rounded_units
    from rounded
),

joined as (
    select
        taxes_matched.*,
        shared.rounded_charge_id,
        shared.rounded_tax_name,
        shared.rounded_tax_ratio,
        shared.rounded_treatment,
        shared.rounded_units - sum(trunc(taxes_matched.exact_units)) over (
            partition by
                taxes_matched.billing_period_id, shared.rounded_charge_id,
                shared.rounded_tax_name, shared.rounded_tax_ratio, shared.rounded_treatment
        ) as left_over
    from taxes_matched
    inner join shared
        on
            taxes_matched.billing_period_id = shared.billing_period_id
            and (
                taxes_matched.charge_id = shared.rounded_charge_id
                or (
                    taxes_matched.tax_name = shared.rounded_tax_name
                    and taxes_matched.tax_ratio = shared.rounded_tax_ratio
                    and taxes_matched.tax_treatment = shared.rounded_treatment
                )
            )
),

final as (
    select
        billing_period_id,
        charge_id,
        tax_name,
        tax_treatment,
        line_number,
        prices_include_tax,
        tax_ratio,
        base_amount,
        exact_tax_amount,
        {{ from_minor_units(
            largest_remainder_part(
                'exact_units', 'left_over',
                'billing_period_id, rounded_charge_id, rounded_tax_name, rounded_tax_ratio, '
                ~ 'rounded_treatment',
                'line_number, tax_name',
            ),
            'minor_unit',
        ) }} as tax_amount
    from joined
)

select * from final

with lines_discounted as (
    select * from {{ ref('int_invoicing__lines_discounted') }}
),

credits_before_tax as (
    select * from {{ ref('int_invoicing__credits_before_tax') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

tax_rates as (
    select * from {{ ref('fct_tax_rates') }}
),

-- The rates in force on the last day of the period, or on its first where it is billed in advance,
-- of the line's category and of every one.
offered as (
    select
        lines_discounted.*,
        tax_rates.tax_name,
        tax_rates.tax_ratio,
        tax_rates.tax_treatment,
        tax_rates.tax_category <> '(every)' as is_of_category,
        max(case when tax_rates.tax_category = '(every)' then 0 else 1 end) over (
            partition by lines_discounted.billing_period_id, lines_discounted.charge_id
        ) = 1 as has_its_own
    from lines_discounted
    inner join tenants
        on lines_discounted.tenant_id = tenants.tenant_id
    inner join tax_rates
        on
            tenants.tax_region = tax_rates.tax_region
            and tenants.customer_kind = tax_rates.customer_kind
            and tax_rates.tax_category in (lines_discounted.tax_category, '(every)')
            and lines_discounted.tax_point_date >= tax_rates.effective_from_at
            and lines_discounted.tax_point_date < tax_rates.effective_to_at
),

-- A category with a rate of its own has none of those for every category.
based as (
    select
        offered.*,
        offered.payable_amount - coalesce(credits_before_tax.credit_amount, 0) as base_amount,
        sum(offered.tax_ratio) over (
            partition by offered.billing_period_id, offered.charge_id
        ) as all_ratio
    from offered
    left join credits_before_tax
        on
            offered.billing_period_id = credits_before_tax.billing_period_id
            and offered.charge_id = credits_before_tax.charge_id
    where offered.is_of_category = offered.has_its_own
),

-- Tax that is in the price is its part of price and tax; a part without end is kept to 13 decimals.
-- Lines that share a key are rounded as one sum.
final as (
    select
        billing_period_id,
        charge_id,
        version,
        tax_name,
        tax_treatment,
        tax_rounding,
        case
            when tax_rounding = 'per_line' then charge_id
            else concat_ws('|', tax_name, tax_ratio, tax_treatment)
        end as rounding_key,
        prices_include_tax,
        line_number,
        minor_unit,
        tax_ratio,
        cast(base_amount as decimal(22, 4)) as base_amount,
        cast(case
            when prices_include_tax
                then cast({{ half_away_quotient(
                    'cast(base_amount * 10000 as hugeint) * '
                    ~ 'cast(tax_ratio * 1000000000 as hugeint) * 1000000000',
                    'cast((1 + all_ratio) * 1000000000 as hugeint)',
                ) }} as decimal(38, 0)) * 0.0000000000001
            else base_amount * tax_ratio
        end as decimal(38, 13)) as exact_tax_amount
    from based
)

select * from final

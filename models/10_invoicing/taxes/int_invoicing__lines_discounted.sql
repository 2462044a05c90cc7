with lines_priced as (
    select * from {{ ref('int_invoicing__lines_priced') }}
),

lines_categorised as (
    select * from {{ ref('int_invoicing__lines_categorised') }}
),

invoice_coupons as (
    select * from {{ ref('fct_invoice_coupons') }}
),

periods as (
    select * from {{ ref('fct_billing_periods') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

tax_terms as (
    select * from {{ ref('dim_tax_terms') }}
),

taken_off as (
    select
        billing_period_id,
        charge_id,
        sum(coupon_amount) as coupon_amount
    from invoice_coupons
    group by
        billing_period_id,
        charge_id
),

-- What coupons leave of a line's price is what it pays: with the tax where prices include it, and
-- before it where they do not.
final as (
    select
        lines_priced.billing_period_id,
        lines_priced.version,
        lines_priced.charge_key,
        lines_priced.charge_id,
        periods.contract_id,
        periods.tenant_id,
        lines_priced.line_number,
        lines_priced.line_type,
        lines_priced.line_code,
        lines_priced.pack_id,
        lines_priced.plan_line_id,
        lines_priced.description,
        contracts.currency_code,
        contracts.minor_unit,
        coalesce(lines_categorised.tax_category, 'standard') as tax_category,
        tax_terms.tax_rounding,
        tax_terms.wallet_timing,
        tax_terms.prices_include_tax,
        lines_priced.quantity,
        lines_priced.unit_price,
        lines_priced.exact_amount,
        lines_priced.amount as price_amount,
        cast(coalesce(taken_off.coupon_amount, 0) as decimal(22, 4)) as coupon_amount,
        cast(lines_priced.amount - coalesce(taken_off.coupon_amount, 0) as decimal(22, 4))
            as payable_amount,
        periods.tax_point_date,
        periods.bills_at,
        lines_priced.segment_start_at,
        lines_priced.segment_end_at,
        lines_priced.rated_usage_id,
        lines_priced.receipt_id
    from lines_priced
    inner join periods
        on lines_priced.billing_period_id = periods.billing_period_id
    inner join contracts
        on periods.contract_id = contracts.contract_id
    inner join tax_terms
        on periods.contract_id = tax_terms.contract_id
    left join lines_categorised
        on
            lines_priced.billing_period_id = lines_categorised.billing_period_id
            and lines_priced.line_code = lines_categorised.line_code
    left join taken_off
        on
            lines_priced.billing_period_id = taken_off.billing_period_id
            and lines_priced.charge_id = taken_off.charge_id
)

select * from final

with lines_discounted as (
    select * from {{ ref('int_invoicing__lines_discounted') }}
),

line_taxes as (
    select * from {{ ref('fct_draft_line_taxes') }}
),

taxed as (
    select
        billing_period_id,
        charge_id,
        cast(sum(tax_amount) as decimal(22, 4)) as tax_amount
    from line_taxes
    group by
        billing_period_id,
        charge_id
),

-- A line for which no rate is in force has an unknown tax. Where prices include tax, its net amount
-- is unknown too: what is left of the price is net and tax to the last digit.
netted as (
    select
        lines_discounted.*,
        taxed.tax_amount,
        case
            when lines_discounted.prices_include_tax
                then cast(lines_discounted.payable_amount - taxed.tax_amount as decimal(22, 4))
            else lines_discounted.payable_amount
        end as net_amount
    from lines_discounted
    left join taxed
        on
            lines_discounted.billing_period_id = taxed.billing_period_id
            and lines_discounted.charge_id = taxed.charge_id
),

final as (
    select
        billing_period_id,
        version,
        charge_key,
        charge_id,
        contract_id,
        tenant_id,
        line_number,
        line_type,
        line_code,
        pack_id,
        plan_line_id,
        description,
        currency_code,
        minor_unit,
        wallet_timing,
        quantity,
        unit_price,
        exact_amount,
        price_amount,
        cast(net_amount + coupon_amount as decimal(22, 4)) as amount,
        coupon_amount,
        net_amount,
        tax_amount,
        case
            when wallet_timing = 'before_tax' then payable_amount
            else cast(net_amount + tax_amount as decimal(22, 4))
        end as payable_amount,
        bills_at,
        segment_start_at,
        segment_end_at,
        rated_usage_id,
        receipt_id
    from netted
)

select * from final

with lines_taxed as (
    select * from {{ ref('int_invoicing__lines_taxed') }}
),

breakdown as (
    select * from {{ ref('fct_rated_breakdown') }}
),

-- A line shows a unit price only where one price holds for all of it.
single_prices as (
    select
        rated_usage_id,
        max(unit_price) as unit_price
    from breakdown
    group by rated_usage_id
    having count(*) = 1 and max(step_kind) = 'tier' and max(flat_amount) = 0
),

final as (
    select
        {{ content_id(['lines_taxed.charge_id', '1']) }} as invoice_line_id,
        {{ content_id(['lines_taxed.billing_period_id', '1']) }} as invoice_id,
        1 as version,
        lines_taxed.line_number,
        lines_taxed.line_type,
        lines_taxed.pack_id,
        lines_taxed.description,
        lines_taxed.quantity,
        coalesce(
            single_prices.unit_price,
            case
                when lines_taxed.line_type <> 'usage'
                    then cast(lines_taxed.amount as decimal(16, 9))
            end
        ) as unit_price,
        lines_taxed.amount,
        lines_taxed.exact_amount,
        lines_taxed.tax_name,
        lines_taxed.tax_ratio,
        lines_taxed.tax_amount,
        lines_taxed.segment_start_at,
        lines_taxed.rated_usage_id,
        lines_taxed.receipt_id
    from lines_taxed
    left join single_prices
        on lines_taxed.rated_usage_id = single_prices.rated_usage_id
)

select * from final

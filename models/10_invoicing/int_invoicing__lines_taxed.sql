with lines_priced as (
    select * from {{ ref('int_invoicing__lines_priced') }}
),

periods as (
    select * from {{ ref('fct_billing_periods') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

tax_rates as (
    select * from {{ ref('fct_tax_rates') }}
),

-- The rate in force on the last day of the period, or on the first where it is billed in advance;
-- without one the tax is unknown.
rated as (
    select
        lines_priced.*,
        periods.contract_id,
        periods.tenant_id,
        contracts.minor_unit,
        tax_rates.tax_name,
        tax_rates.tax_ratio,
        cast(lines_priced.amount * tax_rates.tax_ratio as decimal(38, 13)) as exact_tax_amount
    from lines_priced
    inner join periods
        on lines_priced.billing_period_id = periods.billing_period_id
    inner join contracts
        on periods.contract_id = contracts.contract_id
    inner join tenants
        on periods.tenant_id = tenants.tenant_id
    left join tax_rates
        on
            tenants.tax_region = tax_rates.tax_region
            and tenants.customer_kind = tax_rates.customer_kind
            and periods.tax_point_date >= tax_rates.effective_from_at
            and periods.tax_point_date < tax_rates.effective_to_at
),

-- Tax is rounded once for the invoice; what its lines, each rounded down, leave over goes to the
-- largest remainders.
in_minor_units as (
    select
        *,
        floor(exact_tax_amount * {{ minor_units_in_one('minor_unit') }}) as tax_floor,
        {{ round_money('sum(exact_tax_amount) over invoice', 'minor_unit') }}
        * {{ minor_units_in_one('minor_unit') }} as invoice_tax
    from rated
    window invoice as (partition by billing_period_id)
),

ranked as (
    select
        *,
        invoice_tax - sum(tax_floor) over (partition by billing_period_id) as left_over,
        row_number() over (
            partition by billing_period_id
            order by
                exact_tax_amount * {{ minor_units_in_one('minor_unit') }} - tax_floor desc,
                line_number asc
        ) as remainder_rank
    from in_minor_units
),

final as (
    select
        billing_period_id,
        charge_id,
        contract_id,
        tenant_id,
        line_number,
        line_type,
        pack_id,
        description,
        quantity,
        exact_amount,
        amount,
        tax_name,
        tax_ratio,
        {{ from_minor_units(
            'tax_floor + case when remainder_rank <= left_over then 1 else 0 end', 'minor_unit'
        ) }} as tax_amount,
        segment_start_at,
        rated_usage_id,
        receipt_id
    from ranked
)

select * from final

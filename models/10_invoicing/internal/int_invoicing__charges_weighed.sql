with charges as (
    select * from {{ ref('fct_charges') }}
    where amount <> 0
),

contracts as (
    select * from {{ ref('dim_contracts') }}
    where is_internal
),

business_units as (
    select * from {{ ref('dim_business_units') }}
),

usage_readings as (
    select * from {{ ref('fct_rated_usage_readings') }}
),

readings as (
    select * from {{ ref('fct_meter_readings') }}
),

charged as (
    select
        charges.*,
        contracts.minor_unit
    from charges
    inner join contracts
        on charges.contract_id = contracts.contract_id
),

used as (
    select
        charged.charge_key,
        readings.business_unit_id,
        sum({{ to_nanos('usage_readings.quantity') }}) as weight
    from charged
    inner join usage_readings
        on charged.rated_usage_id = usage_readings.rated_usage_id
    inner join readings
        on
            usage_readings.reading_id = readings.reading_id
            and usage_readings.sequence = readings.sequence
    where usage_readings.quantity > 0
    group by
        charged.charge_key,
        readings.business_unit_id
),

-- Usage is borne by the units whose events it was, and what is of no events by all of them alike.
final as (
    select
        charged.charge_key,
        charged.billing_period_id,
        charged.contract_id,
        charged.tenant_id,
        coalesce(used.business_unit_id, business_units.business_unit_id, '(none)')
            as business_unit_id,
        charged.line_type,
        charged.pack_id,
        charged.description,
        charged.minor_unit,
        cast(coalesce(used.weight, 1) as hugeint) as weight,
        charged.amount
    from charged
    left join used
        on charged.charge_key = used.charge_key
    left join business_units
        on
            used.charge_key is null
            and charged.tenant_id = business_units.tenant_id
)

select * from final

with charges_priced as (
    select * from {{ ref('int_revenue__charges_priced') }}
),

policies as (
    select * from {{ ref('stg_catalogue__revenue_policies') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

terms as (
    select distinct
        contract_id,
        line_code
    from {{ ref('int_revenue__terms_agreed') }}
),

-- The policy of a contract's line comes before that of the contract, and that before the one for
-- all; a charge follows the one of its first day.
ranked as (
    select
        charges_priced.*,
        contracts.tenant_id,
        contracts.currency_code,
        contracts.minor_unit,
        contracts.is_internal,
        contracts.agreed_end_date as contract_to_date,
        policies.fee_convention,
        terms.line_code is not null as has_term,
        policies.cancellation,
        policies.one_time_over,
        policies.one_time_months,
        policies.shortfall,
        policies.credit_memo,
        row_number() over (
            partition by charges_priced.charge_key
            order by policies.contract_id is null, policies.line_code is null
        ) as policy_number
    from charges_priced
    inner join contracts
        on charges_priced.contract_id = contracts.contract_id
    inner join policies
        on
            (policies.contract_id is null or charges_priced.contract_id = policies.contract_id)
            and (policies.line_code is null or charges_priced.line_code = policies.line_code)
            and charges_priced.service_from_date >= policies.effective_from_at
            and charges_priced.service_from_date < policies.effective_to_at
    left join terms
        on
            charges_priced.contract_id = terms.contract_id
            and charges_priced.line_code = terms.line_code
),

final as (
    select
        charge_key,
        charge_id,
        billing_period_id,
        contract_id,
        tenant_id,
        line_code,
        pack_id,
        revenue_kind,
        currency_code,
        minor_unit,
        is_internal,
        has_term,
        proration,
        fee_convention,
        cancellation,
        one_time_over,
        one_time_months,
        shortfall,
        credit_memo,
        price_amount,
        service_from_date,
        service_to_date,
        period_to_date,
        full_period_to_date,
        contract_to_date,
        booking_month
    from ranked
    where policy_number = 1
)

select * from final

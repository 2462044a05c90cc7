with fee_rates as (
    select * from {{ ref('fct_contract_fee_rates') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

policies as (
    select * from {{ ref('stg_catalogue__revenue_policies') }}
),

-- A contract is earned by the policy of its first day, for all of its term.
ranked as (
    select
        fee_rates.*,
        contracts.minor_unit,
        contracts.start_date as term_from_date,
        contracts.agreed_end_date as term_to_date,
        policies.fee_term,
        policies.fee_convention,
        policies.modification,
        row_number() over (
            partition by fee_rates.fee_rate_id
            order by policies.contract_id is null, policies.line_code is null
        ) as policy_number
    from fee_rates
    inner join contracts
        on
            fee_rates.contract_id = contracts.contract_id
            and fee_rates.from_date < contracts.agreed_end_date
    inner join policies
        on
            (policies.contract_id is null or fee_rates.contract_id = policies.contract_id)
            and (policies.line_code is null or fee_rates.line_code = policies.line_code)
            and contracts.start_date >= policies.effective_from_at
            and contracts.start_date < policies.effective_to_at
),

final as (
    select
        contract_id,
        tenant_id,
        line_code,
        pack_id,
        currency_code,
        minor_unit,
        is_internal,
        fee_convention as convention,
        modification,
        month_amount,
        term_from_date,
        term_to_date,
        from_date,
        to_date,
        cast(recorded_at as date) as known_date
    from ranked
    where policy_number = 1 and fee_term = 'contract_term'
)

select * from final

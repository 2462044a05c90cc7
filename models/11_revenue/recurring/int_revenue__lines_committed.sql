{#- A contract that ends within the notice, and does not renew by itself, is known to end. -#}
with months as (
    select
        *,
        {{ months_after('measured_date', var('committed_notice_months')) }} as notice_date
    from {{ ref('int_revenue__mrr_months_spanned') }}
),

fee_rates as (
    select
        *,
        min(from_date) filter (where not is_trial) over (partition by contract_id)
            as first_charged_date,
        lead(recorded_at) over (
            partition by contract_id, line_code order by from_date
        ) as next_recorded_at
    from {{ ref('fct_contract_fee_rates') }}
    where not is_internal
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

last_terms as (
    select
        contract_id,
        max_by(auto_renew_months, effective_from_at) as auto_renew_months,
        max_by(cancelled_date, effective_from_at) as cancelled_date,
        max_by(recorded_at, effective_from_at) as recorded_at
    from {{ ref('dim_billing_terms') }}
    group by contract_id
),

-- What is recorded by the month's end, as it is at the end of the notice, or on the day of the
-- first fee where that comes later.
known as (
    select
        months.tenant_id,
        months.currency_code,
        months.mrr_month,
        months.known_until_at,
        fee_rates.contract_id,
        fee_rates.line_code,
        fee_rates.month_amount,
        fee_rates.from_date,
        fee_rates.to_date,
        fee_rates.next_recorded_at,
        greatest(months.notice_date, fee_rates.first_charged_date) as committed_date
    from months
    inner join fee_rates
        on
            months.tenant_id = fee_rates.tenant_id
            and months.currency_code = fee_rates.currency_code
            and months.known_until_at >= fee_rates.recorded_at
),

-- A price holds until another that is known takes its place, or the contract is known to end.
holding as (
    select
        known.*,
        row_number() over (
            partition by known.contract_id, known.line_code, known.mrr_month
            order by known.from_date desc
        ) as place
    from known
    inner join contracts
        on known.contract_id = contracts.contract_id
    left join last_terms
        on known.contract_id = last_terms.contract_id
    where
        known.from_date <= known.committed_date
        and (
            known.to_date > known.committed_date
            or known.next_recorded_at > known.known_until_at
            or (
                known.to_date >= contracts.end_date
                and last_terms.auto_renew_months is not null
                and (
                    last_terms.cancelled_date is null
                    or last_terms.recorded_at > known.known_until_at
                )
            )
        )
),

final as (
    select
        contract_id,
        line_code,
        tenant_id,
        currency_code,
        mrr_month,
        month_amount
    from holding
    where place = 1
)

select * from final

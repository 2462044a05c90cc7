with contracts as (
    select * from {{ ref('stg_catalogue__contracts') }}
),

billing_terms as (
    select * from {{ ref('dim_billing_terms') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

-- Of several rows of a contract the last one says whether it goes on.
last_terms as (
    select
        contract_id,
        auto_renew_months,
        cancelled_date,
        row_number() over (partition by contract_id order by effective_from_at desc) as row_number
    from billing_terms
),

-- Every end that the contract could have: the agreed one, and one renewal after the other.
possible as (
    select
        contracts.contract_id,
        last_terms.cancelled_date,
        as_of.as_of_at,
        contracts.end_date,
        last_terms.auto_renew_months,
        unnest(generate_series(0, greatest(0, cast(
            date_diff('month', contracts.end_date, cast(as_of.as_of_at as date))
            // last_terms.auto_renew_months + 1 as bigint
        )))) as renewal_count
    from contracts
    inner join last_terms
        on
            contracts.contract_id = last_terms.contract_id
            and last_terms.row_number = 1
            and last_terms.auto_renew_months is not null
    cross join as_of
),

ends as (
    select
        contract_id,
        cancelled_date,
        as_of_at,
        {{ months_after('end_date', 'renewal_count * auto_renew_months') }} as end_date
    from possible
),

-- It renews on each end that as-of has reached, unless it was cancelled by then.
final as (
    select
        contract_id,
        min(end_date) as renewed_end_date
    from ends
    where
        end_date > as_of_at
        or end_date >= cancelled_date
    group by contract_id
)

select * from final

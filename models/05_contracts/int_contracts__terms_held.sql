with contracts as (
    select * from {{ ref('dim_contracts') }}
),

billing_terms as (
    select * from {{ ref('dim_billing_terms') }}
),

cuts as (
    select contract_id, cast(effective_from_at as date) as cut_date from billing_terms
    union
    select contract_id, cast(effective_to_at as date) as cut_date from billing_terms
),

starts as (
    select contract_id, start_date as from_date from contracts
    union
    select contracts.contract_id, cuts.cut_date as from_date
    from contracts
    inner join cuts
        on
            contracts.contract_id = cuts.contract_id
            and contracts.start_date < cuts.cut_date
            and contracts.end_date > cuts.cut_date
),

parts as (
    select
        contracts.*,
        starts.from_date,
        lead(starts.from_date, 1, contracts.end_date) over (
            partition by contracts.contract_id order by starts.from_date
        ) as to_date
    from contracts
    inner join starts
        on contracts.contract_id = starts.contract_id
),

-- Where a contract has no terms of its own, these are the defaults.
agreed as (
    select
        parts.*,
        coalesce(billing_terms.anchor, 'calendar') as anchor,
        coalesce(billing_terms.anchor_date, parts.start_date) as anniversary_date,
        coalesce(billing_terms.fee_interval, parts.billing_interval) as fee_interval,
        coalesce(billing_terms.fee_timing, 'in_arrears') as fee_timing,
        coalesce(billing_terms.proration, 'by_day') as proration,
        coalesce(billing_terms.split_rounding, 'cumulative') as split_rounding,
        coalesce(billing_terms.rounding_mode, 'half_away') as rounding_mode,
        coalesce(billing_terms.time_zone, 'UTC') as time_zone,
        coalesce(billing_terms.trial_end_date, parts.from_date) as fees_from_date,
        billing_terms.service_from_at,
        billing_terms.service_to_at
    from parts
    left join billing_terms
        on
            parts.contract_id = billing_terms.contract_id
            and parts.from_date >= billing_terms.effective_from_at
            and parts.from_date < billing_terms.effective_to_at
),

-- A contract begins and ends at midnight of its zone, or inside the day where its service does.
final as (
    select
        contract_id,
        tenant_id,
        currency_code,
        billing_interval,
        fee_interval,
        fee_timing,
        fee_interval = billing_interval and fee_timing = 'in_arrears' as is_billed_together,
        anchor,
        anniversary_date,
        proration,
        split_rounding,
        rounding_mode,
        time_zone,
        fees_from_date,
        from_date,
        greatest({{ utc_of_civil('from_date', 'time_zone') }}, service_from_at) as from_at,
        least({{ utc_of_civil('to_date', 'time_zone') }}, service_to_at) as to_at
    from agreed
)

select * from final

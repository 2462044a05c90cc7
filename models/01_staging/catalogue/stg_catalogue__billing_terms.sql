with source as (
    select * from {{ ref('billing_terms') }}
),

final as (
    select
        contract_id,
        anchor,
        cast(anchor_date as date) as anchor_date,
        fee_interval,
        fee_timing,
        proration,
        split_rounding,
        rounding_mode,
        time_zone,
        cast(trial_end_date as date) as trial_end_date,
        {{ parse_instant('service_from_at') }} as service_from_at,
        {{ parse_instant('service_to_at') }} as service_to_at,
        cast(auto_renew_months as integer) as auto_renew_months,
        cast(cancelled_date as date) as cancelled_date,
        cast(start_date as timestamp) as effective_from_at,
        cast(end_date as timestamp) as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final

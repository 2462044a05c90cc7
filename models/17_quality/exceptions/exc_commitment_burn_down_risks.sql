{%- set high_days = var('burn_down_high_days') | int -%}
{%- set medium_days = var('burn_down_medium_days') | int -%}
with burn_down as (
    select * from {{ ref('rpt_commitment_burn_down') }}
),

progress as (
    select * from {{ ref('rpt_commitment_progress') }}
),

-- A grant that is used up already has no days left.
running_out as (
    select
        *,
        case
            when status = 'exhausted' then 0
            else date_diff('day', cast(as_of_at as date), projected_exhaustion_date)
        end as days_left
    from burn_down
    where
        (status = 'exhausted' and period_ends_at > as_of_at)
        or projected_exhaustion_date is not null
),

falling_short as (
    select
        *,
        {{ ratio_of('projected_shortfall_amount', 'committed_amount') }} as shortfall_ratio
    from progress
    where status = 'active' and projected_shortfall_amount > 0
),

final as (
    select
        'unit_grant' as commitment_kind,
        grant_id as commitment_id,
        contract_id,
        tenant_id,
        period_ends_at,
        case status when 'exhausted' then 'exhausted' else 'runs_out' end as risk,
        case
            when days_left <= {{ high_days }} then 'high'
            when days_left <= {{ medium_days }} then 'medium'
            else 'low'
        end as severity,
        cast(days_left as integer) as days_left,
        projected_exhaustion_date,
        balance_quantity,
        cast(null as decimal(22, 4)) as projected_shortfall_amount,
        cast(null as decimal(18, 6)) as shortfall_ratio,
        cast(null as varchar) as currency_code,
        as_of_at
    from running_out
    union all
    select
        'minimum_commitment' as commitment_kind,
        commitment_id,
        contract_id,
        tenant_id,
        period_end_at as period_ends_at,
        'falls_short' as risk,
        case
            when shortfall_ratio >= {{ var('shortfall_high_ratio') }} then 'high'
            when shortfall_ratio >= {{ var('shortfall_medium_ratio') }} then 'medium'
            else 'low'
        end as severity,
        cast(date_diff('day', cast(as_of_at as date), cast(period_end_at as date)) as integer)
            as days_left,
        null as projected_exhaustion_date,
        null as balance_quantity,
        projected_shortfall_amount,
        shortfall_ratio,
        currency_code,
        as_of_at
    from falling_short
)

select * from final

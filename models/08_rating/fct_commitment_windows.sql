with windows_drawn as (
    select * from {{ ref('int_rating__windows_drawn') }}
),

commitments as (
    select * from {{ ref('dim_time_of_day_commitments') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

final as (
    select
        windows_drawn.commitment_id,
        windows_drawn.window_start_at,
        windows_drawn.window_end_at,
        commitments.contract_id,
        contracts.tenant_id,
        commitments.line_code,
        commitments.time_zone,
        windows_drawn.is_closed,
        windows_drawn.used_quantity,
        windows_drawn.committed_quantity,
        windows_drawn.drawn_quantity,
        windows_drawn.shortfall_quantity,
        commitments.unit_price,
        windows_drawn.used_amount,
        windows_drawn.committed_amount,
        windows_drawn.drawn_amount,
        windows_drawn.shortfall_amount,
        contracts.currency_code,
        commitments.policy_decision_id
    from windows_drawn
    inner join commitments
        on windows_drawn.commitment_id = commitments.commitment_id
    inner join contracts
        on commitments.contract_id = contracts.contract_id
)

select * from final

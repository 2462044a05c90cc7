with pooled_charges as (
    select * from {{ ref('fct_pooled_charges') }}
),

volume_rebates as (
    select * from {{ ref('fct_volume_rebates') }}
),

commitment_windows as (
    select * from {{ ref('fct_commitment_windows') }}
    where is_closed
),

contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

periods as (
    select * from {{ ref('fct_billing_periods') }}
    where covers <> 'fee'
),

-- A month may hold several weeks; the last of its periods stands for it.
months as (
    select
        contract_id,
        period_month,
        max_by(billing_period_id, period_start_at) as billing_period_id
    from periods
    group by
        contract_id,
        period_month
),

-- What stands beside the rated lines: booked in the period of the line, in that of the month which
-- reached the tier, and in that in which the window began.
final as (
    select
        'pooling' as adjustment_kind,
        pooled_charges.contract_line_id as subject_id,
        contract_lines.billing_period_id,
        contract_lines.line_code,
        pooled_charges.pooling_amount as amount,
        pooled_charges.policy_decision_id
    from pooled_charges
    inner join contract_lines
        on pooled_charges.contract_line_id = contract_lines.contract_line_id
    union all
    select
        'volume_rebate' as adjustment_kind,
        volume_rebates.rebate_id as subject_id,
        months.billing_period_id,
        volume_rebates.line_code,
        volume_rebates.delta_amount as amount,
        volume_rebates.policy_decision_id
    from volume_rebates
    inner join months
        on
            volume_rebates.contract_id = months.contract_id
            and volume_rebates.booked_month = months.period_month
    union all
    select
        'time_of_day_commitment' as adjustment_kind,
        commitment_windows.commitment_id as subject_id,
        periods.billing_period_id,
        commitment_windows.line_code,
        commitment_windows.shortfall_amount as amount,
        commitment_windows.policy_decision_id
    from commitment_windows
    inner join periods
        on
            commitment_windows.contract_id = periods.contract_id
            and commitment_windows.window_start_at >= periods.period_start_at
            and commitment_windows.window_start_at < periods.period_end_at
)

select * from final

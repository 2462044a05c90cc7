with time_of_day_commitments as (
    select
        *,
        commitment_id as act_key
    from {{ ref('stg_catalogue__time_of_day_commitments') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

-- A commitment that no decision allows binds nobody.
final as (
    select
        time_of_day_commitments.commitment_id,
        time_of_day_commitments.contract_id,
        time_of_day_commitments.line_code,
        time_of_day_commitments.time_zone,
        time_of_day_commitments.weekdays,
        time_of_day_commitments.from_hour,
        time_of_day_commitments.to_hour,
        time_of_day_commitments.committed_quantity,
        time_of_day_commitments.committed_amount,
        time_of_day_commitments.unit_price,
        time_of_day_commitments.start_date,
        time_of_day_commitments.end_date,
        time_of_day_commitments.recorded_at,
        time_of_day_commitments.policy_decision_id
    from time_of_day_commitments
    inner join policy_effects
        on
            policy_effects.act_source = 'time_of_day_commitments'
            and time_of_day_commitments.act_key = policy_effects.act_key
            and policy_effects.is_in_force
)

select * from final

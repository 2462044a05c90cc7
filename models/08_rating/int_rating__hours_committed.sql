with hours_spent as (
    select * from {{ ref('int_rating__hours_spent') }}
),

commitments as (
    select * from {{ ref('dim_time_of_day_commitments') }}
),

final as (
    select
        commitments.commitment_id,
        hours_spent.hour_start_at,
        cast(sum(hours_spent.quantity) as decimal(22, 9)) as quantity
    from commitments
    inner join hours_spent
        on
            commitments.contract_id = hours_spent.contract_id
            and concat(hours_spent.plan_version_id, ':', commitments.line_code)
            = hours_spent.plan_line_id
    group by
        commitments.commitment_id,
        hours_spent.hour_start_at
)

select * from final

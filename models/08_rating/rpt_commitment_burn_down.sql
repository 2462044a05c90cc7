{%- set day = 'cast(86400000000 as hugeint)' -%}
with grant_balances as (
    select * from {{ ref('fct_grant_balances') }}
),

movements as (
    select * from {{ ref('fct_grant_movements') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

-- The pace is that of the trailing days, or of those since the grant began if these are fewer.
in_time as (
    select
        grant_balances.*,
        as_of.as_of_at,
        {{ later_of(
            'grant_balances.effective_at',
            "as_of.as_of_at - interval '" ~ var('burn_down_days') ~ "' day",
        ) }} as trailing_from_at
    from grant_balances
    inner join as_of
        on as_of.as_of_at is not null
),

drawn as (
    select
        in_time.grant_id,
        -sum(movements.quantity) as trailing_used_quantity
    from in_time
    inner join movements
        on
            in_time.grant_id = movements.grant_id
            and in_time.trailing_from_at <= movements.moved_at
    where movements.movement_type in ('draw', 'return')
    group by in_time.grant_id
),

paced as (
    select
        in_time.*,
        case
            when in_time.effective_at > in_time.as_of_at then 'to_come'
            when in_time.expires_at <= in_time.as_of_at then 'ended'
            when in_time.balance_quantity = 0 then 'exhausted'
            else 'active'
        end as status,
        greatest(coalesce(drawn.trailing_used_quantity, 0), 0) as trailing_used_quantity,
        {{ to_nanos('in_time.balance_quantity') }} as left_nanos,
        {{ to_nanos('coalesce(drawn.trailing_used_quantity, 0)') }} as pace_nanos,
        {{ microseconds_between('in_time.trailing_from_at', 'in_time.as_of_at') }} as pace_micros,
        {{ microseconds_between('in_time.as_of_at', 'in_time.period_ends_at') }} as micros_to_end,
        {{ microseconds_between("date_trunc('day', in_time.as_of_at)", 'in_time.as_of_at') }}
            as micros_of_day
    from in_time
    left join drawn
        on in_time.grant_id = drawn.grant_id
),

-- Whole numbers only. A pace of nothing exhausts nothing, and what is not active has no balance.
projected as (
    select
        *,
        case
            when status = 'active' and pace_nanos > 0 then left_nanos * pace_micros // pace_nanos
        end as micros_left
    from paced
),

final as (
    select
        grant_id,
        contract_id,
        tenant_id,
        grant_kind,
        status,
        granted_quantity,
        used_quantity,
        expired_quantity,
        balance_quantity,
        cast(trailing_used_quantity as decimal(22, 9)) as trailing_used_quantity,
        case
            when micros_left < micros_to_end
                then
                    cast(as_of_at as date)
                    + cast((micros_of_day + micros_left) // {{ day }} as integer)
        end as projected_exhaustion_date,
        cast(case
            when micros_left < micros_to_end then 0
            when micros_left is null then balance_quantity
            else {{ from_nanos('left_nanos - pace_nanos * micros_to_end // pace_micros') }}
        end as decimal(22, 9)) as projected_unused_quantity,
        period_ends_at,
        as_of_at
    from projected
)

select * from final

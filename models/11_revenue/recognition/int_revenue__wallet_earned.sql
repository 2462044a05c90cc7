with movements as (
    select * from {{ ref('fct_wallet_movements') }}
),

grants as (
    select * from {{ ref('fct_wallet_grants') }}
),

periods_billed as (
    select * from {{ ref('fct_periods_billed') }}
    where live_version is not null and drafted_version is null
),

breakage as (
    select * from {{ ref('stg_catalogue__credit_breakage') }}
),

-- What pays a draft is not used yet. A return gives back what an invoice had drawn.
used as (
    select
        movements.grant_id,
        movements.movement_number,
        movements.moved_at,
        movements.movement_type = 'expiry' as is_expiry,
        -movements.amount as used_amount
    from movements
    left join periods_billed
        on movements.billing_period_id = periods_billed.billing_period_id
    where
        movements.movement_type = 'expiry'
        or (movements.movement_type in ('draw', 'return') and periods_billed.invoice_id is not null)
),

-- Of several estimates of a contract or for all, the contract's own holds on the day of use.
estimated as (
    select
        used.*,
        grants.amount as granted_amount,
        sum(case when used.is_expiry then 0 else used.used_amount end) over (
            partition by used.grant_id order by used.movement_number
            rows between unbounded preceding and current row
        ) as used_so_far,
        breakage.breakage_ratio,
        row_number() over (
            partition by used.grant_id, used.movement_number
            order by breakage.contract_id is null
        ) as estimate_number
    from used
    inner join grants
        on used.grant_id = grants.grant_id
    left join breakage
        on
            (breakage.contract_id is null or grants.contract_id = breakage.contract_id)
            and used.moved_at >= breakage.effective_from_at
            and used.moved_at < breakage.effective_to_at
),

-- The part that is expected never to be used is earned as the rest is used, and what is left at
-- the end on expiry.
broken as (
    select
        *,
        case
            when is_expiry then granted_amount - used_so_far
            when breakage_ratio > 0
                then least(
                    cast({{ from_nanos(half_away_quotient(
                    'cast(used_so_far * 10000 as hugeint) * ' ~ to_nanos('breakage_ratio')
                    ~ ' * 100000',
                    to_nanos('1 - breakage_ratio'),
                )) }} as decimal(28, 4)),
                    granted_amount - used_so_far
                )
            else 0
        end as broken_so_far
    from estimated
    where estimate_number = 1
),

final as (
    select
        grant_id,
        movement_number,
        is_expiry,
        used_amount,
        broken_so_far - lag(broken_so_far, 1, 0) over (
            partition by grant_id order by movement_number
        ) as broken_amount,
        moved_at
    from broken
)

select * from final

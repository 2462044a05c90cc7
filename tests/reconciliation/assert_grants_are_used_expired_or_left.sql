-- Ledger of grants: every balance is the sum of the movements up to it, none is below zero, and
-- what was granted and is neither used nor expired is left.
with running as (
    select
        grant_id,
        movement_number,
        balance_quantity,
        sum(quantity) over (
            partition by grant_id order by movement_number
            rows between unbounded preceding and current row
        ) as moved_quantity
    from {{ ref('fct_grant_movements') }}
),

ended as (
    select grant_id, max_by(balance_quantity, movement_number) as balance_quantity
    from running
    group by grant_id
)

select grant_id, movement_number
from running
where balance_quantity <> moved_quantity or balance_quantity < 0
union all
select balances.grant_id, null as movement_number
from {{ ref('fct_grant_balances') }} as balances
left join ended
    on balances.grant_id = ended.grant_id
where
    balances.granted_quantity - balances.used_quantity - balances.expired_quantity
    <> coalesce(ended.balance_quantity, 0)

-- Ledger of wallets: every balance is the sum of the movements up to it, none is below zero, what
-- was granted is drawn, expired or left, and credits pay a draft what it shows as applied.
with running as (
    select
        grant_id,
        movement_number,
        balance_amount,
        sum(amount) over (
            partition by grant_id order by movement_number
            rows between unbounded preceding and current row
        ) as moved_amount
    from {{ ref('fct_wallet_movements') }}
),

moved as (
    select
        grant_id,
        sum(amount) filter (where movement_type = 'grant') as granted_amount,
        -coalesce(sum(amount) filter (where movement_type = 'draw'), 0) as drawn_amount,
        -coalesce(sum(amount) filter (where movement_type = 'expiry'), 0) as expired_amount,
        max_by(balance_amount, movement_number) as left_amount
    from {{ ref('fct_wallet_movements') }}
    group by grant_id
),

paid as (
    select
        billing_period_id,
        -sum(amount) as paid_amount
    from {{ ref('fct_wallet_movements') }}
    where movement_type = 'draw'
    group by billing_period_id
)

select grant_id as finding
from running
where balance_amount <> moved_amount or balance_amount < 0
union all
select moved.grant_id as finding
from moved
inner join {{ ref('fct_wallet_grants') }} as grants
    on moved.grant_id = grants.grant_id
where
    moved.granted_amount is distinct from grants.amount
    or moved.granted_amount <> moved.drawn_amount + moved.expired_amount + moved.left_amount
union all
select invoices.invoice_id as finding
from {{ ref('fct_invoices') }} as invoices
left join paid
    on invoices.billing_period_id = paid.billing_period_id
where
    invoices.status = 'draft'
    and invoices.credits_applied_amount <> coalesce(paid.paid_amount, 0)

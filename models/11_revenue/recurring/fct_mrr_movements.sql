with compared as (
    select
        *,
        end_amount - start_amount as change_amount,
        start_amount - start_then_amount as currency_amount
    from {{ ref('int_revenue__mrr_compared') }}
    where compared_over = 'month'
),

-- Who was away and is there again has come back, and who is gone has left: only of a customer that
-- stays does it matter whether there is more or less. Where a rate is unknown the direction is that
-- of the amounts.
moved as (
    select
        *,
        case
            when not has_started and has_ended and mrr_month = cohort_month then 'new'
            when not has_started and has_ended then 'reactivation'
            when has_started and not has_ended then 'churn'
            when coalesce(change_amount, own_change_amount) > 0 then 'expansion'
            when coalesce(change_amount, own_change_amount) < 0 then 'contraction'
        end as mrr_movement
    from compared
),

stacked as (
    select mrr_basis, tenant_id, currency_code, mrr_month, mrr_movement, change_amount
    from moved
    where mrr_movement is not null
    union all
    select
        mrr_basis,
        tenant_id,
        currency_code,
        mrr_month,
        'currency' as mrr_movement,
        currency_amount as change_amount
    from moved
    where has_started and (currency_amount <> 0 or currency_amount is null)
),

final as (
    select
        mrr_basis,
        tenant_id,
        mrr_month,
        currency_code,
        mrr_movement,
        cast(change_amount as decimal(38, 12)) as mrr_movement_amount
    from stacked
)

select * from final

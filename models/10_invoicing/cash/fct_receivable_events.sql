with changes as (
    select * from {{ ref('int_invoicing__receivables_changed') }}
),

summed as (
    select
        *,
        sum(owed_delta_amount) over so_far as owed_amount,
        sum(paid_delta_amount) over so_far as paid_amount,
        count(*) filter (where receivable_event_type = 'write_off') over so_far
            as write_off_count,
        case
            when
                count(*) filter (
                    where receivable_event_type = 'write_off' and asked_amount is null
                ) over so_far = 0
                then sum(asked_amount) over so_far
        end as asked_so_far_amount
    from changes
    window
        so_far as (
            partition by invoice_id order by event_at, receivable_event_id
            rows between unbounded preceding and current row
        )
),

-- What is applied and written off follows from what is owed, paid and given up by then, so that no
-- later event changes an earlier row.
applied as (
    select
        *,
        {{ earlier_of('paid_amount', later_of('owed_amount', '0')) }} as applied_amount
    from summed
),

written_off as (
    select
        *,
        case
            when write_off_count > 0 and owed_amount > applied_amount
                then {{ earlier_of(
                    'coalesce(asked_so_far_amount, owed_amount - applied_amount)',
                    'owed_amount - applied_amount',
                ) }}
            else 0
        end as written_off_amount
    from applied
),

final as (
    select
        receivable_event_id,
        receivable_event_type,
        source_id,
        invoice_id,
        contract_id,
        tenant_id,
        payment_id,
        grant_id,
        grant_kind,
        cast(owed_delta_amount as decimal(22, 4)) as owed_delta_amount,
        cast(tax_delta_amount as decimal(22, 4)) as tax_delta_amount,
        cast(paid_delta_amount as decimal(22, 4)) as paid_delta_amount,
        cast(
            applied_amount - coalesce(lag(applied_amount) over in_order, 0) as decimal(22, 4)
        ) as applied_delta_amount,
        cast(
            written_off_amount - coalesce(lag(written_off_amount) over in_order, 0)
            as decimal(22, 4)
        ) as written_off_delta_amount,
        cast(owed_amount - applied_amount - written_off_amount as decimal(22, 4)) as open_amount,
        currency_code,
        usd_per_unit,
        event_at,
        landed_at,
        policy_decision_id
    from written_off
    window in_order as (partition by invoice_id order by event_at, receivable_event_id)
)

select * from final

with invoices as (
    select * from {{ ref('int_invoicing__invoices_owed') }}
),

paid as (
    select
        invoice_id,
        sum(applied_amount) as paid_amount
    from {{ ref('fct_payment_applications') }}
    group by invoice_id
),

actions_allowed as (
    select * from {{ ref('int_invoicing__actions_allowed') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

-- One that states no amount writes off all that is open.
write_offs as (
    select
        subject_id as invoice_id,
        case when count(act_amount) = count(*) then sum(act_amount) end as asked_amount
    from actions_allowed
    where action = 'write_off'
    group by subject_id
),

settled as (
    select
        invoices.*,
        coalesce(paid.paid_amount, 0) as paid_amount,
        invoices.owed_amount - coalesce(paid.paid_amount, 0) as unpaid_amount,
        write_offs.invoice_id is not null as is_written_off,
        write_offs.asked_amount
    from invoices
    left join paid
        on invoices.invoice_id = paid.invoice_id
    left join write_offs
        on invoices.invoice_id = write_offs.invoice_id
),

written_off as (
    select
        *,
        case
            when is_written_off and unpaid_amount > 0
                then {{ earlier_of('coalesce(asked_amount, unpaid_amount)', 'unpaid_amount') }}
            else 0
        end as written_off_amount
    from settled
),

-- Below zero where the customer has credit left, as after an invoice that is below zero.
final as (
    select
        written_off.invoice_id,
        written_off.invoice_number,
        written_off.tenant_id,
        written_off.contract_id,
        written_off.currency_code,
        written_off.billed_amount,
        written_off.memo_amount,
        written_off.credits_applied_amount,
        cast(written_off.paid_amount as decimal(22, 4)) as paid_amount,
        cast(written_off.written_off_amount as decimal(22, 4)) as written_off_amount,
        cast(written_off.unpaid_amount - written_off.written_off_amount as decimal(22, 4))
            as open_amount,
        case
            when
                written_off.unpaid_amount > written_off.written_off_amount
                and as_of.as_of_at >= written_off.due_date + interval 1 day
                then date_diff('day', written_off.due_date, cast(as_of.as_of_at as date))
            else 0
        end as days_overdue,
        written_off.due_date
    from written_off
    cross join as_of
)

select * from final

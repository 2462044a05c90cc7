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
    select * from {{ ref('fct_actions_allowed') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

dunning_stages as (
    select * from {{ ref('dim_dunning_stages') }}
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

aged as (
    select
        written_off.*,
        written_off.unpaid_amount - written_off.written_off_amount as open_amount,
        case
            when written_off.unpaid_amount > written_off.written_off_amount
                then {{ later_of(
                    "date_diff('day', written_off.due_date, cast(as_of.as_of_at as date))", '0'
                ) }}
            else 0
        end as days_overdue
    from written_off
    cross join as_of
),

-- Below zero where the customer has credit left, as after an invoice that is below zero.
final as (
    select
        aged.invoice_id,
        aged.invoice_number,
        aged.tenant_id,
        aged.contract_id,
        dunning_stages.dunning_stage,
        aged.billed_amount,
        aged.memo_amount,
        aged.credits_applied_amount,
        cast(aged.paid_amount as decimal(22, 4)) as paid_amount,
        cast(aged.written_off_amount as decimal(22, 4)) as written_off_amount,
        cast(aged.open_amount as decimal(22, 4)) as open_amount,
        aged.currency_code,
        aged.days_overdue,
        aged.due_date
    from aged
    left join dunning_stages
        on
            aged.days_overdue >= dunning_stages.after_days
            and aged.days_overdue < coalesce(dunning_stages.before_days, 1000000)
)

select * from final

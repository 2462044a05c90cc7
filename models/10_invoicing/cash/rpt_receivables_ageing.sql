{%- set bounds = [(1, 30), (31, 60), (61, 90), (91, 1000000)] -%}
with receivables as (
    select * from {{ ref('fct_receivables') }}
),

payments as (
    select * from {{ ref('fct_payments') }}
),

stacked as (
    select
        tenant_id,
        currency_code,
        open_amount,
        0 as unapplied_amount,
        days_overdue
    from receivables
    where open_amount <> 0
    union all
    select
        tenant_id,
        currency_code,
        0 as open_amount,
        unapplied_amount,
        0 as days_overdue
    from payments
    where unapplied_amount <> 0
),

-- Days are those since the due date; what is not due yet stands apart.
final as (
    select
        tenant_id,
        currency_code,
        max(days_overdue) as days_overdue,
        cast(sum(open_amount) as decimal(22, 4)) as open_amount,
        cast({{ sum_of_known('open_amount', 'days_overdue = 0') }} as decimal(22, 4))
            as not_due_amount,
        {% for first, last in bounds -%}
            cast({{ sum_of_known(
                'open_amount', 'days_overdue between ' ~ first ~ ' and ' ~ last
            ) }} as decimal(22, 4))
                as overdue_{{ first }}_{{ last if last < 1000 else 'plus' }}_amount,
        {% endfor -%}
        cast(sum(unapplied_amount) as decimal(22, 4)) as unapplied_amount
    from stacked
    group by
        tenant_id,
        currency_code
)

select * from final

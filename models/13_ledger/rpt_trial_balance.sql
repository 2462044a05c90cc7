with journal_lines as (
    select * from {{ ref('fct_journal_lines') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

months as (
    select * from {{ ref('dim_months') }}
),

as_of as (
    select cast(date_trunc('month', as_of_at) as date) as as_of_month
    from {{ ref('dim_as_of') }}
),

posted as (
    select
        account_id,
        currency_code,
        cast(date_trunc('month', posted_date) as date) as posted_month,
        sum(debit_amount) as debit_amount,
        sum(credit_amount) as credit_amount,
        sum(debit_usd) as debit_usd,
        sum(credit_usd) as credit_usd,
        count(*) filter (where debit_usd is null) as unknown_count
    from journal_lines
    group by
        account_id,
        currency_code,
        posted_month
),

used as (
    select
        account_id,
        currency_code,
        min(posted_month) as first_month,
        max(posted_month) as last_month
    from posted
    group by
        account_id,
        currency_code
),

-- An account that nothing is posted to in a month has its balance all the same.
spine as (
    select
        used.account_id,
        used.currency_code,
        months.month_date
    from used
    cross join as_of
    inner join months
        on
            used.first_month <= months.month_date
            and months.month_date <= {{ later_of('used.last_month', 'as_of.as_of_month') }}
),

accumulated as (
    select
        spine.account_id,
        spine.currency_code,
        spine.month_date,
        coalesce(posted.debit_amount, 0) as debit_amount,
        coalesce(posted.credit_amount, 0) as credit_amount,
        sum(coalesce(posted.debit_amount - posted.credit_amount, 0)) over so_far as closing_amount,
        coalesce(posted.unknown_count, 0) as unknown_count,
        sum(coalesce(posted.unknown_count, 0)) over so_far as unknown_so_far_count,
        sum(coalesce(posted.unknown_count, 0)) over so_far - coalesce(posted.unknown_count, 0)
            as unknown_before_count,
        coalesce(posted.debit_usd, 0) as debit_usd,
        coalesce(posted.credit_usd, 0) as credit_usd,
        sum(coalesce(posted.debit_usd - posted.credit_usd, 0)) over so_far as closing_usd
    from spine
    left join posted
        on
            spine.account_id = posted.account_id
            and spine.currency_code = posted.currency_code
            and spine.month_date = posted.posted_month
    window so_far as (
        partition by spine.account_id, spine.currency_code order by spine.month_date
        rows between unbounded preceding and current row
    )
),

final as (
    select
        accumulated.month_date as balance_month,
        accumulated.account_id,
        accounts.account_name,
        accounts.account_type,
        cast(
            accumulated.closing_amount - accumulated.debit_amount + accumulated.credit_amount
            as decimal(38, 12)
        ) as opening_amount,
        cast(accumulated.debit_amount as decimal(38, 12)) as debit_amount,
        cast(accumulated.credit_amount as decimal(38, 12)) as credit_amount,
        cast(accumulated.closing_amount as decimal(38, 12)) as closing_amount,
        {% for measure, value, count in [
            ('opening_usd', 'closing_usd - debit_usd + credit_usd', 'unknown_before_count'),
            ('debit_usd', 'debit_usd', 'unknown_count'),
            ('credit_usd', 'credit_usd', 'unknown_count'),
            ('closing_usd', 'closing_usd', 'unknown_so_far_count'),
        ] -%}
            cast(case when {{ count }} = 0 then {{ value }} end as decimal(38, 12))
                as {{ measure }},
        {% endfor -%}
        accumulated.currency_code
    from accumulated
    left join accounts
        on accumulated.account_id = accounts.account_id
)

select * from final

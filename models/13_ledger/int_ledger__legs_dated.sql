with transfers as (
    select
        *,
        cast(date_trunc('month', event_date) as date) as event_month
    from {{ ref('int_ledger__transfers_stacked') }}
),

locks as (
    select * from {{ ref('fct_revenue_locks') }}
),

months as (
    select * from {{ ref('dim_months') }}
),

late as (
    select distinct
        transfers.event_month,
        transfers.landed_at
    from transfers
    inner join locks
        on
            transfers.event_month = locks.revenue_month
            and transfers.landed_at >= locks.locked_at
),

-- What landed after its month was closed is posted in the first month that was open then.
moved as (
    select
        late.event_month,
        late.landed_at,
        min(months.month_date) as open_month
    from late
    inner join months
        on late.event_month < months.month_date
    left join locks
        on
            months.month_date = locks.revenue_month
            and late.landed_at >= locks.locked_at
    where locks.lock_id is null
    group by
        late.event_month,
        late.landed_at
),

dated as (
    select
        transfers.*,
        {{ content_id([
            'transfers.source_type', 'transfers.entry_key', 'transfers.currency_code',
        ]) }} as entry_id,
        coalesce(moved.open_month, transfers.event_date) as posted_date
    from transfers
    left join moved
        on
            transfers.event_month = moved.event_month
            and transfers.landed_at = moved.landed_at
),

-- A transfer is taken from one account and put into another, so that every entry balances.
final as (
    {% for side, sign in [('debit', ''), ('credit', '-')] -%}
        select
            entry_id,
            {{ side }}_role as posting_role,
            source_type,
            source_id,
            invoice_id,
            contract_id,
            tenant_id,
            description,
            {{ sign }}amount as amount,
            {{ sign }}amount_usd as amount_usd,
            currency_code,
            posted_date,
            policy_decision_id
        from dated
        {% if not loop.last -%} union all {%- endif %}
    {% endfor %}
)

select * from final

{%- set described = [
    'obligation_id', 'balance_key', 'contract_id', 'tenant_id', 'pack_id', 'revenue_kind',
    'is_internal', 'currency_code',
] -%}
with months_computed as (
    select * from {{ ref('int_revenue__months_computed') }}
),

locks as (
    select * from {{ ref('fct_revenue_locks') }}
),

lock_lines as (
    select * from {{ ref('stg_landing__revenue_lock_lines') }}
),

locked as (
    select
        lock_lines.*,
        locks.revenue_month
    from lock_lines
    inner join locks
        on
            lock_lines.lock_id = locks.lock_id
            and lock_lines.landed_file = locks.landed_file
),

last_lock as (
    select max(revenue_month) as revenue_month from locks
),

-- What the closed months would come to by now, less what they were closed with.
compared as (
    select
        {% for column in described -%}
            months_computed.{{ column }},
        {% endfor -%}
        months_computed.amount
    from months_computed
    cross join last_lock
    where months_computed.revenue_month <= last_lock.revenue_month
    union all
    select
        {% for column in described -%}
            {{ column }},
        {% endfor -%}
        -amount as amount
    from locked
),

corrected as (
    select
        {% for column in described -%}
            {{ column }},
        {% endfor -%}
        sum(amount) as amount
    from compared
    group by
        {{ described | join(',\n        ') }}
    having sum(amount) <> 0
),

-- A closed month stands; what it lacks is earned in the first open one.
final as (
    select
        {% for column in described -%}
            {{ column }},
        {% endfor -%}
        revenue_month,
        true as is_locked,
        is_correction,
        amount,
        amount_usd as locked_usd
    from locked
    union all
    select
        {% for column in described -%}
            corrected.{{ column }},
        {% endfor -%}
        {{ months_after('last_lock.revenue_month', 1) }} as revenue_month,
        false as is_locked,
        true as is_correction,
        corrected.amount,
        null as locked_usd
    from corrected
    cross join last_lock
    union all
    select
        {% for column in described -%}
            months_computed.{{ column }},
        {% endfor -%}
        months_computed.revenue_month,
        false as is_locked,
        false as is_correction,
        months_computed.amount,
        null as locked_usd
    from months_computed
    cross join last_lock
    where
        last_lock.revenue_month is null
        or months_computed.revenue_month > last_lock.revenue_month
)

select * from final

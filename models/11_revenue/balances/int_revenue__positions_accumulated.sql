{%- set measures = ['recognised_amount', 'recognised_usd', 'billed_amount', 'billed_usd'] -%}
with positions_moved as (
    select * from {{ ref('int_revenue__positions_moved') }}
),

as_of as (
    select cast(date_trunc('month', as_of_at) as date) as as_of_month
    from {{ ref('dim_as_of') }}
),

keys as (
    select
        balance_key,
        contract_id,
        tenant_id,
        is_internal,
        currency_code,
        bool_or(is_credit) as is_credit,
        max(historical_rate) as historical_rate,
        min(balance_month) as first_month,
        max(balance_month) as last_month,
        sum(billed_amount) <> sum(recognised_amount) as is_open
    from positions_moved
    group by
        balance_key,
        contract_id,
        tenant_id,
        is_internal,
        currency_code
),

-- A key that has come to nothing is not carried on.
spine as (
    select
        keys.*,
        cast(unnest(generate_series(
            cast(keys.first_month as timestamp),
            cast(case
                when keys.is_open then {{ later_of('keys.last_month', 'as_of.as_of_month') }}
                else keys.last_month
            end as timestamp),
            interval 1 month
        )) as date) as balance_month
    from keys
    cross join as_of
),

accumulated as (
    select
        spine.*,
        {% for measure in measures -%}
            case
                when bool_or(
                    positions_moved.balance_key is not null
                    and positions_moved.{{ measure }} is null
                ) over so_far then null
                else coalesce(sum(positions_moved.{{ measure }}) over so_far, 0)
            end as {{ measure }},
        {% endfor -%}
        positions_moved.balance_key is not null as has_moved
    from spine
    left join positions_moved
        on
            spine.balance_key = positions_moved.balance_key
            and spine.contract_id = positions_moved.contract_id
            and spine.balance_month = positions_moved.balance_month
    window so_far as (
        partition by spine.balance_key, spine.contract_id order by spine.balance_month
        rows between unbounded preceding and current row
    )
),

final as (
    select
        balance_key,
        contract_id,
        tenant_id,
        is_internal,
        is_credit,
        balance_month,
        historical_rate,
        {{ measures | join(',\n        ') }},
        currency_code
    from accumulated
)

select * from final

{%- set adjustments = [
    ('fair_use', 'fair_use_amount'),
    ('commitment_overage', 'window_overage_amount'),
    ('commitment_true_up', 'window_true_up_amount'),
    ('minimum', 'minimum_step_amount'),
    ('maximum', 'maximum_step_amount'),
    ('commitment_overage', 'overage_step_amount'),
    ('commitment_true_up', 'true_up_step_amount'),
    ('already_rated', '-already_rated_amount'),
] -%}
with lines_netted as (
    select * from {{ ref('int_rating__lines_netted') }}
    where status = 'rated'
),

rated_tiers as (
    select * from {{ ref('fct_rated_tiers') }}
),

events_charged as (
    select * from {{ ref('int_rating__events_charged') }}
),

lines_discounted as (
    select * from {{ ref('int_rating__lines_discounted') }}
),

lines_adjusted as (
    select * from {{ ref('int_rating__lines_adjusted') }}
),

-- In the order in which an amount comes about; steps that change nothing are left out.
steps as (
    select
        contract_line_id,
        group_value,
        100 + tier_number as step_order,
        'tier' as step_kind,
        tier_number,
        cast(null as varchar) as discount_id,
        units,
        unit_price,
        flat_amount,
        amount
    from rated_tiers
    union all
    select
        contract_line_id,
        '' as group_value,
        200 as step_order,
        'event' as step_kind,
        null as tier_number,
        null as discount_id,
        units,
        unit_price,
        null as flat_amount,
        amount
    from events_charged
    union all
    select
        contract_line_id,
        group_value,
        400 + step_number as step_order,
        'discount' as step_kind,
        null as tier_number,
        discount_id,
        null as units,
        discount_ratio as unit_price,
        null as flat_amount,
        -discount_amount as amount
    from lines_discounted
    {% for kind, amount in adjustments -%}
        union all
        select
            contract_line_id,
            group_value,
            {{ 300 + loop.index if loop.index <= 3 else 9000 + loop.index }} as step_order,
            '{{ kind }}' as step_kind,
            null as tier_number,
            null as discount_id,
            null as units,
            null as unit_price,
            null as flat_amount,
            {{ amount }} as amount
        from {{ 'lines_netted' if kind == 'already_rated' else 'lines_adjusted' }}
        where {{ amount }} <> 0
    {% endfor -%}
),

final as (
    select
        lines_netted.rated_usage_id,
        cast(row_number() over (
            partition by lines_netted.rated_usage_id order by steps.step_order
        ) as integer) as step_number,
        steps.step_kind,
        steps.tier_number,
        steps.discount_id,
        cast(steps.units as decimal(38, 9)) as units,
        cast(steps.unit_price as decimal(16, 9)) as unit_price,
        cast(steps.flat_amount as decimal(22, 9)) as flat_amount,
        cast(steps.amount as decimal(38, 18)) as amount,
        lines_netted.currency_code
    from steps
    inner join lines_netted
        on
            steps.contract_line_id = lines_netted.contract_line_id
            and steps.group_value = lines_netted.group_value
)

select * from final

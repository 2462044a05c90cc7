with contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
    where line_kind = 'fee'
),

plan_tiers as (
    select * from {{ ref('fct_plan_tiers') }}
),

quantities as (
    select * from {{ ref('dim_contract_quantities') }}
),

discounts as (
    select
        contract_line_id,
        max_by(share_left_ratio, step_number) as share_left_ratio
    from {{ ref('fct_contract_discounts') }}
    group by contract_line_id
),

-- A fee is an amount, and of one per unit the price of what is contracted besides.
priced as (
    select
        contract_lines.*,
        cast(case
            when contract_lines.charge_model = 'per_unit' then coalesce(quantities.quantity, 0)
            else 1
        end as decimal(22, 9)) as quantity,
        cast(
            plan_tiers.flat_amount + plan_tiers.unit_price * coalesce(quantities.quantity, 0)
            as decimal(28, 9)
        ) as full_period_amount,
        coalesce(discounts.share_left_ratio, 1) as share_left_ratio
    from contract_lines
    inner join plan_tiers
        on
            contract_lines.plan_line_id = plan_tiers.plan_line_id
            and contract_lines.currency_code = plan_tiers.currency_code
    left join quantities
        on
            contract_lines.contract_id = quantities.contract_id
            and contract_lines.line_code = quantities.line_code
            and contract_lines.segment_start_at >= quantities.effective_from_at
            and contract_lines.segment_start_at < quantities.effective_to_at
    left join discounts
        on contract_lines.contract_line_id = discounts.contract_line_id
),

discounted as (
    select
        *,
        {{ from_nanos(half_away_quotient(
            to_nanos('full_period_amount')
            ~ ' * cast(share_left_ratio * 1000000000000000 as hugeint)',
            'cast(1000000000000000 as hugeint)',
        )) }} as discounted_amount
    from priced
),

-- Prorated by day; each segment gets what the running total has grown by, so that the parts add up.
accumulated as (
    select
        *,
        sum(full_period_amount * segment_day_count) over in_order as list_amount_days,
        sum(discounted_amount * segment_day_count) over in_order as net_amount_days
    from discounted
    window
        in_order as (
            partition by billing_period_id, pack_id order by segment_start_at, plan_line_id
            rows between unbounded preceding and current row
        )
),

rounded as (
    select
        *,
        {% for name in ['list', 'net'] -%}
            {{ half_away_quotient(
                to_nanos(name ~ '_amount_days') ~ ' * ' ~ minor_units_in_one('minor_unit'),
                'cast(1000000000 as hugeint) * full_day_count',
            ) }} as running_{{ name }}_units,
        {% endfor -%}
        row_number() over (
            partition by billing_period_id, pack_id order by segment_start_at, plan_line_id
        ) as part_number
    from accumulated
),

final as (
    select
        contract_line_id,
        billing_period_id,
        contract_id,
        tenant_id,
        plan_version_id,
        plan_line_id,
        pack_id,
        description,
        currency_code,
        period_month,
        segment_day_count,
        full_day_count,
        quantity,
        full_period_amount,
        {% for name, column in [('list', 'list_amount'), ('net', 'amount')] -%}
            {{ from_minor_units(
                'running_' ~ name ~ '_units - coalesce(lag(running_' ~ name ~ '_units) over ('
                ~ 'partition by billing_period_id, pack_id order by part_number), 0)', 'minor_unit',
            ) }} as {{ column }},
        {% endfor -%}
        segment_start_at,
        segment_end_at,
        policy_decision_id
    from rounded
)

select * from final

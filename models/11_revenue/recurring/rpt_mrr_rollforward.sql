{%- set kinds = ['new', 'reactivation', 'expansion', 'contraction', 'churn', 'currency'] -%}
with compared as (
    select * from {{ ref('int_revenue__mrr_compared') }}
    where compared_over = 'month'
),

movements as (
    select
        mrr_basis,
        currency_code,
        mrr_month,
        {% for kind in kinds -%}
            {{ sum_of_known('mrr_movement_amount', "mrr_movement = '" ~ kind ~ "'") }}
                as {{ kind }}_mrr_amount,
        {% endfor -%}
        count(*) filter (where mrr_movement = 'new') as new_customer_count,
        count(*) filter (where mrr_movement = 'reactivation') as reactivated_customer_count,
        count(*) filter (where mrr_movement = 'churn') as churned_customer_count
    from {{ ref('fct_mrr_movements') }}
    group by
        mrr_basis,
        currency_code,
        mrr_month
),

ends as (
    select
        mrr_basis,
        currency_code,
        mrr_month,
        count(*) filter (where has_started) as opening_customer_count,
        count(*) filter (where has_ended) as closing_customer_count,
        {{ sum_of_known('start_then_amount') }} as opening_mrr_amount,
        {{ sum_of_known('end_amount') }} as closing_mrr_amount
    from compared
    group by
        mrr_basis,
        currency_code,
        mrr_month
),

-- A month in which nothing moved has no movements: that is zero, not unknown.
filled as (
    select
        ends.*,
        {% for kind in kinds -%}
            case when movements.mrr_month is null then 0 else movements.{{ kind }}_mrr_amount end
                as {{ kind }}_mrr_amount,
        {% endfor -%}
        coalesce(movements.new_customer_count, 0) as new_customer_count,
        coalesce(movements.reactivated_customer_count, 0) as reactivated_customer_count,
        coalesce(movements.churned_customer_count, 0) as churned_customer_count
    from ends
    left join movements
        on
            ends.mrr_basis = movements.mrr_basis
            and ends.currency_code = movements.currency_code
            and ends.mrr_month = movements.mrr_month
),

measured as (
    select
        *,
        -(contraction_mrr_amount + churn_mrr_amount) as lost_mrr_amount
    from filled
),

final as (
    select
        mrr_basis,
        mrr_month,
        currency_code,
        opening_customer_count,
        new_customer_count,
        reactivated_customer_count,
        churned_customer_count,
        closing_customer_count,
        opening_mrr_amount,
        {% for kind in kinds -%}
            cast({{ kind }}_mrr_amount as decimal(38, 12)) as {{ kind }}_mrr_amount,
        {% endfor -%}
        closing_mrr_amount,
        cast(
            new_mrr_amount + reactivation_mrr_amount + expansion_mrr_amount - lost_mrr_amount
            as decimal(38, 12)
        ) as net_new_mrr_amount,
        {{ ratio_of('new_mrr_amount + expansion_mrr_amount', 'lost_mrr_amount') }} as quick_ratio,
        {{ ratio_of('lost_mrr_amount', 'opening_mrr_amount') }} as gross_churn_ratio,
        {{ ratio_of(
            'lost_mrr_amount - expansion_mrr_amount - reactivation_mrr_amount',
            'opening_mrr_amount',
        ) }} as net_churn_ratio,
        {{ ratio_of('churned_customer_count', 'opening_customer_count') }} as logo_churn_ratio
    from measured
)

select * from final

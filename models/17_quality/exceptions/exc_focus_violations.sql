{%- set allowed = {
    'charge_category': 'Usage|Purchase|Tax|Credit|Adjustment',
    'charge_class': 'Correction',
    'charge_frequency': 'One-Time|Recurring|Usage-Based',
    'pricing_category': 'Standard|Dynamic|Committed|Other',
    'commitment_discount_status': 'Used|Unused',
} -%}
with statement_rows as (
    select * from {{ ref('fct_cost_statement_rows') }}
    where row_status = 'current'
),

-- One look at each row finds all the rules that it breaks. A value in the wrong case is the value
-- that it was meant to be.
judged as (
    select
        *,
        concat_ws(
            '|',
            {% for column, values in allowed.items() -%}
                case
                    when {{ is_listed(column, "'" ~ values ~ "'") }} then null
                    when {{ is_listed('lower(' ~ column ~ ')', "'" ~ values | lower ~ "'") }}
                        then '{{ column }}_in_wrong_case'
                    when {{ column }} is not null then '{{ column }}_not_allowed'
                end,
            {% endfor -%}
            case when charge_category is null then 'charge_category_missing' end,
            case
                when
                    lower(charge_category) = 'purchase'
                    and commitment_discount_id is not null
                    and effective_cost_amount <> 0
                    then 'effective_cost_of_commitment_purchase'
            end,
            case
                when lower(commitment_discount_status) = 'unused' and consumed_quantity is not null
                    then 'consumed_quantity_of_unused_commitment'
            end,
            case
                when (charge_period_end_at > charge_period_start_at) is not true
                    then 'period_ends_before_it_starts'
            end,
            case
                when lower(charge_class) = 'correction'
                    then
                        case
                            when charge_period_start_at >= billing_period_start_at
                                then 'period_of_correction_not_billed_before'
                        end
                when
                    charge_period_start_at < billing_period_start_at
                    or charge_period_start_at >= billing_period_end_at
                    or (
                        lower(charge_category) = 'usage'
                        and charge_period_end_at > billing_period_end_at
                    )
                    then 'period_outside_of_billing_period'
            end
        ) as broken_rules
    from statement_rows
),

opened as (
    select
        *,
        unnest(string_split(broken_rules, '|')) as broken_rule
    from judged
    where broken_rules <> ''
),

final as (
    select
        landed_file,
        line_number,
        broken_rule,
        provider,
        driver_month,
        case
            {% for column in allowed -%}
                when starts_with(broken_rule, '{{ column }}') then {{ column }}
            {% endfor -%}
            when starts_with(broken_rule, 'effective_cost')
                then cast(effective_cost_amount as varchar)
            when starts_with(broken_rule, 'consumed_quantity')
                then cast(consumed_quantity as varchar)
            else concat(charge_period_start_at, ' to ', charge_period_end_at)
        end as found_text,
        billed_cost_amount,
        effective_cost_amount,
        currency_code,
        landed_at
    from opened
)

select * from final

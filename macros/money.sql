{#- One division, as it costs a hundred times as much as anything else here. -#}
{% macro half_away_quotient(numerator, denominator) -%}
    (
        sign({{ numerator }})
        * ((abs({{ numerator }}) + (({{ denominator }}) >> 1)) // ({{ denominator }}))
    )
{%- endmacro %}

{#- Minor units of the share that a weight has of the full one, given the product of amount and weight, which is zero
    or more. Half to even is half away from zero, less one where the half lies above an even number. -#}
{% macro rounded_share(amount_weights, full_weight, minor_unit, rounding_mode) -%}
    {%- set units = to_nanos(amount_weights) ~ ' * ' ~ minor_units_in_one(minor_unit) -%}
    {%- set whole = '(cast(1000000000 as hugeint) * ' ~ full_weight ~ ')' -%}
    {{ half_away_quotient(units, whole) }}
    - case
        when {{ rounding_mode }} = 'half_even'
            and 2 * (({{ units }}) % {{ whole }}) = {{ whole }} and ({{ units }}) // {{ whole }} % 2 = 0 then 1
        else 0
    end
{%- endmacro %}

{#- Whole-number division cuts toward zero; this goes down. -#}
{% macro floor_quotient(numerator, denominator) -%}
    (
        ({{ numerator }}) // ({{ denominator }})
        - case when ({{ numerator }}) % ({{ denominator }}) < 0 then 1 else 0 end
    )
{%- endmacro %}

{#- How many whole parts it takes to hold a decimal; both are zero or more. -#}
{% macro ceil_quotient(numerator, denominator) -%}
    (({{ to_nanos(numerator) }} + {{ to_nanos(denominator) }} - 1) // {{ to_nanos(denominator) }})
{%- endmacro %}

{#- The product of two short decimals would stay in 18 digits, and not fit. -#}
{% macro to_nanos(amount) -%}
    cast(cast({{ amount }} as decimal(38, 9)) * 1000000000 as hugeint)
{%- endmacro %}

{% macro from_nanos(units) -%}
    cast(cast({{ units }} as decimal(38, 0)) * 0.000000001 as decimal(38, 9))
{%- endmacro %}

{#- The first number that a quantity, an amount and a price's factor have no place for. -#}
{% macro largest_quantity() -%}
    10000000000000
{%- endmacro %}

{% macro minor_units_in_one(minor_unit) -%}
    case {{ minor_unit }} when 0 then 1 when 2 then 100 when 3 then 1000 when 4 then 10000 end
{%- endmacro %}

{% macro from_minor_units(units, minor_unit) -%}
    cast(
        cast({{ units }} as decimal(28, 0))
        * case {{ minor_unit }}
            when 0 then 1.0000 when 2 then 0.0100 when 3 then 0.0010 when 4 then 0.0001
        end as decimal(22, 4)
    )
{%- endmacro %}

{% macro round_money(amount, minor_unit) -%}
    case {{ minor_unit }}
        when 0 then cast(round({{ amount }}, 0) as decimal(22, 4))
        when 2 then cast(round({{ amount }}, 2) as decimal(22, 4))
        when 3 then cast(round({{ amount }}, 3) as decimal(22, 4))
        when 4 then cast(round({{ amount }}, 4) as decimal(22, 4))
    end
{%- endmacro %}

{#- What a part adds to the rounded amount of all so far, so that the parts make up the whole. -#}
{% macro rounded_part(rated_usage, minor_unit) -%}
    cast(
        {{ round_money(rated_usage ~ '.net_amount + ' ~ rated_usage ~ '.already_rated_amount', minor_unit) }}
        - {{ round_money(rated_usage ~ '.already_rated_amount', minor_unit) }} as decimal(22, 4)
    )
{%- endmacro %}

{% macro to_usd(amount, usd_per_unit) -%}
    cast(cast({{ amount }} as decimal(28, 12)) * {{ usd_per_unit }} as decimal(38, 12))
{%- endmacro %}

{% macro sum_of_known(amount, condition='true') -%}
    case
        when count(*) filter (where {{ condition }} and {{ amount }} is null) = 0
            then cast(coalesce(sum({{ amount }}) filter (where {{ condition }}), 0) as decimal(38, 12))
    end
{%- endmacro %}

{% macro margin_ratio(revenue, cogs) -%}
    {{ ratio_of(revenue ~ ' - ' ~ cogs, revenue) }}
{%- endmacro %}

{#- The divisor is made positive, and its sign goes to the part. -#}
{% macro ratio_of(part, whole) -%}
    cast(
        case
            when {{ whole }} <> 0
                then cast({{ half_away_quotient(
                    to_picos("(" ~ part ~ ") * sign(" ~ whole ~ ")") ~ " * 1000000",
                    to_picos("abs(" ~ whole ~ ")"),
                ) }} as decimal(38, 0)) * 0.000001
        end as decimal(18, 6)
    )
{%- endmacro %}

{% macro amount_per_unit(amount, quantity) -%}
    case
        when {{ quantity }} > 0
            then {{ from_picos(half_away_quotient(
                to_picos(amount) ~ " * 1000000000", to_nanos(quantity)
            )) }}
    end
{%- endmacro %}

{% macro share_floor(amount, weight, total_weight) -%}
    (
        ({{ amount }}) // ({{ total_weight }}) * ({{ weight }})
        + ({{ amount }}) % ({{ total_weight }}) * ({{ weight }}) // ({{ total_weight }})
    )
{%- endmacro %}

{% macro share_remainder(amount, weight, total_weight) -%}
    (({{ amount }}) % ({{ total_weight }}) * ({{ weight }}) % ({{ total_weight }}))
{%- endmacro %}

{% macro to_picos(amount) -%}
    cast(({{ amount }}) * 1000000000000 as hugeint)
{%- endmacro %}

{% macro from_picos(units) -%}
    cast(cast({{ units }} as decimal(38, 0)) * 0.000000000001 as decimal(38, 12))
{%- endmacro %}

{#- The product of ratios up to each row, to fifteen decimals. -#}
{% macro running_product(ratio, partition_by, order_by) -%}
    {{ return(adapter.dispatch('running_product', 'meterhouse')(ratio, partition_by, order_by)) }}
{%- endmacro %}

{% macro duckdb__running_product(ratio, partition_by, order_by) -%}
    list_reduce(
        list(cast({{ ratio }} as decimal(16, 15))) over (
            partition by {{ partition_by }} order by {{ order_by }}
            rows between unbounded preceding and current row
        ),
        lambda product, factor: cast(round(product * factor, 15) as decimal(16, 15))
    )
{%- endmacro %}

{#- The part of an amount for some of a period's days, at the minor unit; the amount itself for all of them. -#}
{% macro prorated_amount(amount, day_count, full_day_count, minor_unit) -%}
    case
        when {{ day_count }} = {{ full_day_count }} then cast({{ amount }} as decimal(38, 18))
        else cast({{ from_minor_units(
            half_away_quotient(
                to_nanos(amount) ~ ' * ' ~ minor_units_in_one(minor_unit) ~ ' * ' ~ day_count,
                'cast(1000000000 as hugeint) * ' ~ full_day_count,
            ),
            minor_unit,
        ) }} as decimal(38, 18))
    end
{%- endmacro %}

{#- Rounded toward zero, so that amounts below zero are the mirror of those above. What is left over has
    a sign, and goes one unit each to the parts that were cut most on that side. -#}
{% macro largest_remainder_part(exact_units, left_over, partition_by, tie_order) -%}
    (
        trunc({{ exact_units }})
        + case
            when
                row_number() over (
                    partition by {{ partition_by }}
                    order by
                        ({{ exact_units }} - trunc({{ exact_units }})) * sign({{ left_over }}) desc,
                        {{ tie_order }}
                ) <= abs({{ left_over }})
                then sign({{ left_over }})
            else 0
        end
    )
{%- endmacro %}

{#- Each target gets its share rounded down; what that leaves goes, a unit each, to the largest remainders. An
    amount below zero is the mirror of one above. -#}
{% macro largest_remainder_share(amount, weight, total_weight, partition_by, tie_order) -%}
    sign({{ amount }}) * (
        {{ share_floor('abs(' ~ amount ~ ')', weight, total_weight) }}
        + case
            when
                row_number() over (
                    partition by {{ partition_by }}
                    order by
                        {{ share_remainder('abs(' ~ amount ~ ')', weight, total_weight) }} desc,
                        {{ tie_order }}
                ) <= abs({{ amount }}) - sum(
                    {{ share_floor('abs(' ~ amount ~ ')', weight, total_weight) }}
                ) over (partition by {{ partition_by }})
                then 1
            else 0
        end
    )
{%- endmacro %}

{#- What the discounts of a line leave of an amount, at nine places; a ratio has fifteen. -#}
{% macro left_by_discounts(amount, share_left_ratio) -%}
    {{ from_nanos(half_away_quotient(
        to_nanos(amount) ~ ' * cast(' ~ share_left_ratio ~ ' * 1000000000000000 as hugeint)',
        'cast(1000000000000000 as hugeint)',
    )) }}
{%- endmacro %}

{#- A fee is an amount, and of one per unit the price of what is contracted besides. -#}
{% macro contracted_quantity(charge_model, quantity) -%}
    cast(
        case when {{ charge_model }} = 'per_unit' then coalesce({{ quantity }}, 0) else 1 end
        as decimal(22, 9)
    )
{%- endmacro %}

{% macro contracted_fee(tiers, quantity) -%}
    {{ tiers }}.flat_amount + {{ tiers }}.unit_price * coalesce({{ quantity }}, 0)
{%- endmacro %}

{#- The remainder is doubled, not the whole: a sum may be so large that its double does not fit. -#}
{% macro half_away_quotient(numerator, denominator) -%}
    (
        ({{ numerator }}) // ({{ denominator }})
        + case
            when 2 * abs(({{ numerator }}) % ({{ denominator }})) < ({{ denominator }}) then 0
            when {{ numerator }} < 0 then -1
            else 1
        end
    )
{%- endmacro %}

{#- Whole-number division cuts toward zero; this goes down. -#}
{% macro floor_quotient(numerator, denominator) -%}
    (
        ({{ numerator }}) // ({{ denominator }})
        - case when ({{ numerator }}) % ({{ denominator }}) < 0 then 1 else 0 end
    )
{%- endmacro %}

{% macro to_nanos(amount) -%}
    cast(({{ amount }}) * 1000000000 as hugeint)
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
    cast(
        case
            when {{ revenue }} <> 0
                then cast({{ half_away_quotient(
                    "cast(round((" ~ revenue ~ " - " ~ cogs ~ ") * sign(" ~ revenue ~ "), 6) * 1000000 as hugeint) * 1000000",
                    "cast(round(abs(" ~ revenue ~ "), 6) * 1000000 as hugeint)",
                ) }} as decimal(38, 0)) * 0.000001
        end as decimal(18, 6)
    )
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

{#- Tiers apply to all of a line, or to each group of it. -#}
{% macro rated_group(metered) -%}
    case contract_lines.tiers_per when 'group' then {{ metered }}.group_value else '' end
{%- endmacro %}

{#- What had landed when a state of a line was known; for the present one all has. -#}
{% macro is_known(landed_at, line) -%}
    ({{ line }}.landed_until_at is null or {{ landed_at }} <= {{ line }}.landed_until_at)
{%- endmacro %}

{#- Tiers apply to all of a line's time, or to each hour or day of it. -#}
{% macro rated_window(metered_at) -%}
    case contract_lines.tiers_per
        when 'hour' then date_trunc('hour', {{ metered_at }})
        when 'day' then date_trunc('day', {{ metered_at }})
        else contract_lines.rated_from_at
    end
{%- endmacro %}

{#- The part of a quantity for the days of a period that are rated as one. -#}
{% macro prorated_quantity(quantity) -%}
    case
        when contract_lines.rated_day_count = contract_lines.full_day_count then {{ quantity }}
        else cast({{ from_nanos(half_away_quotient(
            to_nanos(quantity) ~ ' * contract_lines.rated_day_count', 'contract_lines.full_day_count'
        )) }} as decimal(22, 9))
    end
{%- endmacro %}

{#- What a line commits to, in money; a quantity is worth its unit price. -#}
{% macro committed_amount(unit_price) -%}
    coalesce(
        cast(terms.commitment_amount as decimal(38, 18)),
        cast(terms.commitment_quantity * {{ unit_price }} as decimal(38, 18))
    )
{%- endmacro %}

{#- What exceeds a commitment is charged times the overage factor; this is what comes on top. -#}
{% macro overage_amount(amount) -%}
    coalesce(cast(
        cast(greatest({{ amount }} - committed_amount, 0) as decimal(28, 9))
        * (overage_factor - 1) as decimal(38, 18)
    ), 0)
{%- endmacro %}

{% macro true_up_amount(amount) -%}
    case when is_trued_up then coalesce(greatest(committed_amount - {{ amount }}, 0), 0) else 0 end
{%- endmacro %}

{% macro prorated_terms(amount) -%}
    {{ prorated_amount(
        amount, 'contract_lines.rated_day_count', 'contract_lines.full_day_count', 'contract_lines.minor_unit'
    ) }}
{%- endmacro %}

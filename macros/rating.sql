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

{#- Nearly all quantities are in the unit asked for, and a conversion costs more than all else about a count. -#}
{% macro in_units(quantity, definition) -%}
    case
        when {{ definition }}.unit_multiplier = 1 and {{ definition }}.divisor = 1 and {{ definition }}.rounding_function is null
            then {{ quantity }}
        else {{ metered_quantity(to_nanos(quantity), definition) }}
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

{#- What a receipt of rated usage says, keys in order: the same text wherever it is digested or shown. -#}
{% macro rated_usage_body() -%}
    {{ json_text({
        'allowance_quantity': quantity_text('allowance_quantity'),
        'already_rated_amount': 'already_rated_amount',
        'billable_quantity': quantity_text('billable_quantity'),
        'contract_id': 'contract_id',
        'currency_code': 'currency_code',
        'dimensions': 'dimensions',
        'discount_amount': 'discount_amount',
        'discounts': 'discount_ids',
        'event_count': 'event_count',
        'events_digest': 'event_digest',
        'gross_amount': 'gross_amount',
        'meter_id': 'meter_id',
        'net_amount': 'net_amount',
        'plan_line_id': 'plan_line_id',
        'plan_version_id': 'plan_version_id',
        'policy_decision_id': 'policy_decision_id',
        'quantity': quantity_text('quantity'),
        'segment_end_at': 'segment_end_at',
        'segment_start_at': 'segment_start_at',
        'tenant_id': 'tenant_id',
        'version': 'version',
    }) }}
{%- endmacro %}

{% macro obligation_of(contract_id, revenue_kind, line_code) -%}
    {{ content_id([contract_id, revenue_kind, line_code]) }}
{%- endmacro %}

{% macro term_of(contract_id, line_code) -%}
    {{ content_id([contract_id, line_code, "'term'"]) }}
{%- endmacro %}

{#- Where a day stands on the scale by which a convention spreads a price; revenue_terms.position says the same.
    377580 is the least common multiple of 28, 29, 30 and 31. -#}
{% macro service_position(convention, day) -%}
    case {{ convention }}
        when 'thirty_360'
            then 360 * date_part('year', {{ day }}) + 30 * date_part('month', {{ day }})
                + least(date_part('day', {{ day }}), 30)
        when 'monthly'
            then 377580 * (12 * date_part('year', {{ day }}) + date_part('month', {{ day }}))
                + (date_part('day', {{ day }}) - 1)
                * (377580 // date_part('day', last_day({{ day }})))
        else date_diff('day', date '2000-01-01', {{ day }})
    end
{%- endmacro %}

{#- The part of an amount that a span has earned before a day, which is so far from its start on its scale. -#}
{% macro earned_part(amount, span, day, elapsed) -%}
    case
        when {{ day }} >= {{ span }}.earned_to_date and {{ day }} >= {{ span }}.earned_from_date
            then cast({{ amount }} as decimal(22, 4))
        when {{ day }} <= {{ span }}.earned_from_date then 0
        else {{ from_minor_units(
            half_away_quotient(
                'cast(' ~ amount ~ ' * ' ~ minor_units_in_one(span ~ '.minor_unit') ~ ' as hugeint) * ' ~ elapsed,
                'cast(' ~ span ~ '.position_count as hugeint)',
            ),
            span ~ '.minor_unit',
        ) }}
    end
{%- endmacro %}

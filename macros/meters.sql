{#- A meter may select or group by any key of an event's metadata. The keys that any meter names are looked
    up before the query is written; without one, no event's metadata is opened. -#}
{% macro meter_detail_keys() -%}
    {%- set keys, meters = [], ref('dim_meters') -%}
    {%- if execute -%}
        {%- set query -%}
            select metadata_filter, group_by from {{ meters }}
            where metadata_filter is not null or group_by is not null
        {%- endset -%}
        {%- for row in run_query(query).rows -%}
            {%- for condition in (row[0] or '').split(';') if condition -%}
                {%- do keys.append(condition.split('=')[0]) -%}
            {%- endfor -%}
            {%- do keys.extend((row[1] or '').split('|') | select | list) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(keys | unique | sort | list) }}
{%- endmacro %}

{#- What a distinct count tells apart: who acted, or any key of an event's metadata. Those keys are looked up like
    the others, but are no part of a class: of their values there may be as many as events. -#}
{% macro meter_distinct_keys() -%}
    {%- set query -%}
        select distinct distinct_key from {{ ref('dim_meters') }} where distinct_key is not null
    {%- endset -%}
    {{ return(run_query(query).columns[0].values() | sort | list if execute else []) }}
{%- endmacro %}

{% macro distinct_value(distinct_key, actor_id, details) -%}
    case
        when {{ distinct_key }} is null then {{ actor_id }}
        else nullif(trim({{ json_value(details, distinct_key) }}), '')
    end
{%- endmacro %}

{% macro details_of(metadata, keys) -%}
    {%- set pairs = {} -%}
    {%- for key in keys -%}
        {%- do pairs.update({key: 'nullif(trim(' ~ json_value(metadata, "'" ~ key.replace("'", "''") ~ "'") ~ "), '')"}) -%}
    {%- endfor -%}
    {{ json_text(pairs) if keys else "'{}'" }}
{%- endmacro %}

{% macro class_key_of(class_key, metadata, keys) -%}
    {{ id_bucket([class_key, details_of(metadata, keys)]) if keys else class_key }}
{%- endmacro %}

{% macro details_pass(details, metadata_filter) -%}
    {{ return(adapter.dispatch('details_pass', 'meterhouse')(details, metadata_filter)) }}
{%- endmacro %}

{% macro duckdb__details_pass(details, metadata_filter) -%}
    coalesce(
        len(list_filter(
            string_split({{ metadata_filter }}, ';'),
            lambda condition: not coalesce({{ is_listed(
                json_value(details, "split_part(condition, '=', 1)"), "split_part(condition, '=', 2)"
            ) }}, false)
        )) = 0,
        true
    )
{%- endmacro %}

{% macro dimensions_of(pairs, details, group_by) -%}
    {{ return(adapter.dispatch('dimensions_of', 'meterhouse')(pairs, details, group_by)) }}
{%- endmacro %}

{% macro duckdb__dimensions_of(pairs, details, group_by) -%}
    case
        when {{ group_by }} is null then {{ json_text(pairs) }}
        else cast(json_merge_patch(
            {{ json_text(pairs) }},
            cast(to_json(map_from_entries(list_transform(
                list_sort(string_split({{ group_by }}, '|')),
                lambda name: (name, coalesce({{ json_value(details, 'name') }}, '(none)'))
            ))) as json)
        ) as varchar)
    end
{%- endmacro %}

{#- What a meter groups by, and nothing else: the value of its key, or several parted by bars. -#}
{% macro group_value_of(details, group_by) -%}
    {{ return(adapter.dispatch('group_value_of', 'meterhouse')(details, group_by)) }}
{%- endmacro %}

{% macro duckdb__group_value_of(details, group_by) -%}
    coalesce(array_to_string(list_transform(
        list_sort(string_split({{ group_by }}, '|')),
        lambda name: coalesce({{ json_value(details, 'name') }}, '(none)')
    ), '|'), '')
{%- endmacro %}

{#- What the partial sums are cut by; a change of it means that they are made anew. -#}
{% macro detail_fingerprint() -%}
    '{{ meter_detail_keys() | join('|') | replace("'", "''") }}'
{%- endmacro %}

{% macro meters_fingerprint() -%}
    (
        select md5(string_agg(definition, '|' order by definition))
        from (
            select {{ content_id([
                'meter_id', 'category', 'event_type', 'pack_id', 'environment', 'actor_type',
                'metadata_filter', 'group_by', 'value_field', 'aggregation', 'percentile', 'distinct_key',
                'base_window', 'reading_window', 'keeps_values', 'unit_multiplier', 'unit_divisor', 'rounding_function',
                'rounding_precision', 'effective_from_at', 'effective_to_at',
            ]) }} as definition
            from {{ ref('dim_meters') }}
        )
    )
{%- endmacro %}

{% macro window_start(reading_window, instant) -%}
    case {{ reading_window }}
        when '1h' then date_trunc('hour', {{ instant }})
        when '1d' then date_trunc('day', {{ instant }})
        when 'month' then date_trunc('month', {{ instant }})
    end
{%- endmacro %}

{#- One whole number for a kind of window and its start, so that a join needs no more than it. -#}
{% macro window_key(reading_window, instant) -%}
    case {{ reading_window }}
        {% for name, unit in [('1h', 'hour'), ('1d', 'day'), ('month', 'month')] -%}
            when '{{ name }}' then date_diff('{{ unit }}', timestamp '2000-01-01', {{ instant }}) * 4 + {{ loop.index0 }}
        {% endfor %}
    end
{%- endmacro %}

{#- Nearest rank: the smallest rank that holds the percentile of all values. -#}
{% macro percentile_rank(member_count, percentile) -%}
    cast(ceil(cast({{ percentile }} as decimal(9, 6)) * ({{ member_count }}) * 0.01) as bigint)
{%- endmacro %}

{#- From where the readings are not up to date; from the beginning, where a meter's definition changed or a
    range is asked for. -#}
{% macro readings_pending_at() -%}
    {%- set first = first_pending_at('metered', model_name='int_metering__readings_first') -%}
    {%- set later = first_pending_at('metered', model_name='int_metering__readings_later') -%}
    {{ "timestamp '-infinity'" if readings_compared() or '-infinity' in first ~ later else [first, later] | min }}
{%- endmacro %}

{#- The start of the first window that closes in what is pending; everything before it has its reading. -#}
{% macro windows_closing_from(pending_at, reading_windows=['1h', '1d', 'month']) -%}
    {%- set query -%}
        select coalesce(cast(min(window_start_at) as varchar), 'infinity')
        from {{ ref('dim_meter_windows') }}
        where closed_at >= {{ pending_at }} and reading_window in ('{{ reading_windows | join("', '") }}')
    {%- endset -%}
    timestamp '{{ run_query(query).columns[0].values()[0] if execute and 'infinity' not in pending_at else 'infinity' }}'
{%- endmacro %}

{% macro readings_log() -%}
    {{ return(adapter.get_relation(
        target.database, target.schema, 'int_metering__readings_later'
    ) if execute and not flags.FULL_REFRESH else none) }}
{%- endmacro %}

{#- Readings are compared with what the present definitions give, instead of continued, where a range is asked
    for, where a definition changed, and where a file that landed out of order takes such a comparison back. -#}
{% macro readings_compared() -%}
    {%- set log, fingerprint = readings_log(), meters_fingerprint() -%}
    {%- if log is none or var('keep_definitions', false) -%}
        {{ return(false) }}
    {%- elif var('backfill', none) -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set query -%}
        select 1
        where
            not exists (
                select 1 from {{ batches_done() }}
                where
                    model_name = 'int_metering__readings_later' and landed_at is null
                    and digest = {{ fingerprint }}
            )
            or exists (
                select 1 from {{ log }}
                where
                    reason = 'redefined'
                    and known_from_at >= {{ first_pending_at(
                        'metered', model_name='int_metering__readings_later'
                    ) }}
            )
    {%- endset -%}
    {{ return(run_query(query).rows | length > 0) }}
{%- endmacro %}

{% macro nanos_of_precision(precision) -%}
    case {{ precision }}
        {% for places in range(-9, 10) -%}
            when {{ places }} then cast(1{{ '0' * (9 - places) }} as hugeint)
        {% endfor -%}
    end
{%- endmacro %}

{#- A level is divided by the length of its window, a count of days by its days. -#}
{% macro meter_divisor(meter, window) -%}
    cast({{ meter }}.unit_divisor as hugeint) * case
        when {{ meter }}.aggregation in ('time_weighted', 'sum_prorated')
            then {{ microseconds_between(window ~ '.window_start_at', window ~ '.window_end_at') }}
        when {{ meter }}.aggregation = 'count_distinct_prorated'
            then cast(date_diff('day', {{ window }}.window_start_at, {{ window }}.window_end_at) as hugeint)
        else cast(1 as hugeint)
    end
{%- endmacro %}

{#- Sums of whole units need neither division nor rounding, and nearly all readings are such. Where there is
    both, it is one division, so that nothing is rounded twice. What the divisor goes into is multiplied after it,
    so that a large sum fits. -#}
{% macro metered_quantity(amount, relation=none) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- set step, divisor = prefix ~ 'rounding_nanos', prefix ~ 'divisor' -%}
    {%- set multiplied, steps = amount ~ ' * ' ~ prefix ~ 'unit_multiplier', divisor ~ ' * ' ~ step -%}
    {%- set when = ' when ' ~ prefix ~ 'rounding_function = ' -%}
    cast({{ from_nanos(
        'case when ' ~ divisor ~ ' = 1 and ' ~ prefix ~ 'unit_multiplier = 1 and ' ~ prefix
        ~ 'rounding_function is null then ' ~ amount
        ~ when ~ "'round' then " ~ half_away_quotient(multiplied, steps) ~ ' * ' ~ step
        ~ when ~ "'floor' then " ~ floor_quotient(multiplied, steps) ~ ' * ' ~ step
        ~ when ~ "'ceil' then -" ~ floor_quotient('-(' ~ multiplied ~ ')', steps) ~ ' * ' ~ step
        ~ ' else ' ~ amount ~ ' // ' ~ divisor ~ ' * ' ~ prefix ~ 'unit_multiplier + ' ~ half_away_quotient(
            amount ~ ' % ' ~ divisor ~ ' * ' ~ prefix ~ 'unit_multiplier', divisor
        ) ~ ' end'
    ) }} as decimal(38, 9))
{%- endmacro %}

{% macro reading_id(sequence) -%}
    {{ content_id([
        'tenant_id', 'meter_id', 'window_start_at', 'window_end_at', 'dimensions_key', sequence,
    ]) }}
{%- endmacro %}

{#- Of values that are ranked by size, by age and by size within their bucket. -#}
{% macro ranked_value() -%}
    coalesce(case aggregation
        when 'max' then max(quantity) filter (where is_member)
        when 'min' then min(quantity) filter (where is_member)
        when 'latest' then max(quantity) filter (where is_member and age_number = 1)
        when 'percentile' then max(quantity) filter (where is_member and rank_number = percentile_rank)
        when 'sum_of_maxima' then sum(quantity) filter (where is_member and bucket_rank_number = 1)
    end, 0)
{%- endmacro %}

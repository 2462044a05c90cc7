{#- Reads the log that it continues, which is made of it; so the log is named, not referred to. -#}
{%- set log = readings_log() -%}
{%- set key = 'tenant_id, meter_id, dimensions_key, window_start_at, window_end_at' -%}
{%- set compared, stacked = ref('int_metering__readings_compared'), ref('fct_pending_versions') -%}
{%- set pending_at = first_pending_at('metered', model_name='int_metering__readings_later') -%}
with later as (
    {% if readings_compared() -%}
        select * from {{ compared }}
    {%- else -%}
        select * from {{ stacked }}
        where not is_first and known_from_at >= {{ pending_at }}
    {%- endif %}
),

known as (
    select {{ key }}, sequence, metered_nanos, event_count, event_digest
    from {{ ref('int_metering__readings_first') }}
    {% if log -%}
        union all
        select {{ key }}, sequence, metered_nanos, event_count, event_digest
        from {{ log }}
        where known_from_at < {{ pending_at }}
    {%- endif %}
),

-- What a later version adds to: the last one that is known. Few windows have one, and the start of
-- a window is cheaper to compare than all of its key.
bases as (
    select
        {{ key }},
        max(sequence) as sequence,
        max_by(metered_nanos, sequence) as metered_nanos,
        max_by(event_count, sequence) as event_count,
        max_by(event_digest, sequence) as event_digest
    from known
    where
        window_start_at in (select later.window_start_at from later)
        and ({{ key }}) in (select ({{ key }}) from later)
    group by {{ key }}
),

based as (
    select
        later.*,
        coalesce(bases.sequence, 0) as base_sequence,
        coalesce(bases.metered_nanos, 0) as base_nanos,
        coalesce(bases.event_count, 0) as base_event_count,
        coalesce(bases.event_digest, 0) as base_event_digest
    from later
    left join bases
        on
            later.tenant_id = bases.tenant_id
            and later.meter_id = bases.meter_id
            and later.dimensions_key = bases.dimensions_key
            and later.window_start_at = bases.window_start_at
            and later.window_end_at = bases.window_end_at
),

totalled as (
    select
        * replace (
            case
                when is_absolute then metered_nanos
                else base_nanos + sum(metered_nanos) over until_now
            end as metered_nanos,
            case
                when is_absolute then event_count
                else base_event_count + sum(event_count) over until_now
            end as event_count,
            case
                when is_absolute then event_digest
                else base_event_digest + sum(event_digest) over until_now
            end as event_digest
        )
    from based
    window until_now as (partition by {{ key }} order by known_from_at)
),

followed as (
    select
        *,
        coalesce(lag(metered_nanos) over history, base_nanos) as previous_nanos,
        coalesce(lag(event_count) over history, base_event_count) as previous_event_count,
        coalesce(lag(event_digest) over history, base_event_digest) as previous_event_digest
    from totalled
    window history as (partition by {{ key }} order by known_from_at)
),

-- A batch whose changes undo one another makes no version.
final as (
    select
        tenant_id,
        meter_id,
        dimensions_key,
        window_start_at,
        window_end_at,
        unit_multiplier,
        divisor,
        rounding_function,
        rounding_nanos,
        base_sequence
        + row_number() over (partition by {{ key }} order by known_from_at) as sequence,
        reason,
        metered_nanos,
        previous_nanos,
        event_count,
        event_digest,
        known_from_at
    from followed
    where
        metered_nanos <> previous_nanos
        or event_count <> previous_event_count
        or event_digest <> previous_event_digest
)

select * from final

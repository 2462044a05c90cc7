{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_pending('int_usage__copies_ranked') }}",
    post_hook="{{ record_batches('int_usage__copies_ranked') }}",
) }}
{%- set first_pending_at = first_pending_at('int_usage__copies_ranked') -%}
{%- set columns = [
    'event_id', 'id_bucket', 'tenant_id', 'class_key', 'actor_id', 'corrects_event_id',
    'corrected_bucket', 'quantity', 'byte_count', 'metadata', 'event_digest', 'event_at',
    'landed_file', 'line_number', 'landed_at',
] | join(', ') -%}
with copies_ranked as (
    select * from {{ ref('int_usage__copies_ranked') }}
),

-- The corrections that are pending, and those that waited for an event that is.
correcting as (
    select {{ columns }}
    from {{ ref('fct_landed_events') }}
    where
        reasons = ''
        and corrected_bucket is not null
        and landed_at >= {{ first_pending_at }}
    {% if is_incremental() -%}
        union all
        select {{ columns }}
        from {{ ref('fct_landed_events') }}
        where
            reasons = ''
            and landed_at < {{ first_pending_at }}
            and corrected_bucket in (
                select pending.id_bucket
                from {{ ref('fct_landed_events') }} as pending
                where pending.landed_at >= {{ first_pending_at }}
            )
    {%- endif %}
),

-- Where the corrected events stand is found by one pass over a narrow column; the batches that hold
-- them are then read in full.
found as (
    select landed_at
    from {{ ref('fct_landed_events') }}
    where id_bucket in (select correcting.corrected_bucket from correcting)
),

corrected as (
    select {{ columns }}
    from {{ ref('fct_landed_events') }}
    where
        reasons = ''
        and landed_at in (select found.landed_at from found)
        and id_bucket in (select correcting.corrected_bucket from correcting)
),

{% for name, source in [('corrections', 'correcting'), ('originals', 'corrected')] -%}
    {{ name }} as (
        select {{ source }}.*
        from {{ source }}
        left join copies_ranked
            on
                {{ source }}.landed_file = copies_ranked.landed_file
                and {{ source }}.line_number = copies_ranked.line_number
        where copies_ranked.landed_file is null
    ),

{% endfor -%}
-- A correction that names no accepted event of its tenant is left alone: it counts where it stands.
final as (
    select
        corrections.event_id as correcting_event_id,
        originals.event_id as corrected_event_id,
        corrections.tenant_id,
        originals.class_key as corrected_class_key,
        originals.actor_id as corrected_actor_id,
        originals.corrects_event_id is not null as is_correction_corrected,
        corrections.class_key as correcting_class_key,
        corrections.actor_id as correcting_actor_id,
        corrections.quantity as correcting_quantity,
        corrections.byte_count as correcting_byte_count,
        corrections.metadata as correcting_metadata,
        corrections.event_digest as correcting_event_digest,
        corrections.event_at as correcting_event_at,
        originals.quantity as corrected_quantity,
        originals.metadata as corrected_metadata,
        originals.event_at as corrected_event_at,
        corrections.landed_at as correcting_landed_at,
        {{ later_of('corrections.landed_at', 'originals.landed_at') }} as landed_at
    from originals
    inner join corrections
        on
            originals.id_bucket = corrections.corrected_bucket
            and originals.event_id = corrections.corrects_event_id
            and originals.tenant_id = corrections.tenant_id
    where
        {{ later_of('corrections.landed_at', 'originals.landed_at') }} >= {{ first_pending_at }}
)

select * from final

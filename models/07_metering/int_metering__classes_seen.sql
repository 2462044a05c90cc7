{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_pending('fct_landed_events', detail_fingerprint()) }}",
    post_hook="{{ record_batches('fct_landed_events', detail_fingerprint()) }}",
) }}
{%- set first_pending_at = first_pending_at('fct_landed_events', detail_fingerprint()) -%}
{%- set detail_keys = meter_detail_keys() -%}
with events as (
    select *
    from {{ ref('fct_landed_events') }}
    where reasons = '' and landed_at >= {{ first_pending_at }}
),

seen as (
    select
        {{ class_key_of('class_key', 'metadata', detail_keys) }} as class_key,
        any_value(category) as category,
        any_value(event_type) as event_type,
        coalesce(any_value(pack_id), '(none)') as pack_id,
        any_value(environment) as environment,
        coalesce(any_value(actor_type), '(none)') as actor_type,
        coalesce(any_value(business_unit_id), '(none)') as business_unit_id,
        any_value({{ details_of('metadata', detail_keys) }}) as details,
        min(landed_at) as landed_at
    from events
    group by {{ class_key_of('class_key', 'metadata', detail_keys) }}
),

-- What a meter may select by: few classes stand for all events.
final as (
    select
        class_key,
        category,
        event_type,
        pack_id,
        environment,
        actor_type,
        business_unit_id,
        details,
        landed_at
    from seen
    {% if is_incremental() -%}
        where
            class_key not in (
                select this.class_key from {{ this }} as this
                where this.landed_at < {{ first_pending_at }}
            )
    {%- endif %}
)

select * from final

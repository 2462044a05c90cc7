{{ config(
    materialized='incremental',
    incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ forget_pending('usage_events', usage_fingerprint()) }}",
    post_hook="{{ record_batches('usage_events', usage_fingerprint()) }}",
) }}
with events_typed as (
    select * from {{ ref('int_usage__events_typed') }}
),

files as (
    select * from {{ ref('int_usage__files_pending') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

categories as (
    select * from {{ ref('dim_event_categories') }}
),

features as (
    select * from {{ ref('dim_features') }}
),

enriched as (
    select
        events_typed.*,
        files.landed_at,
        coalesce(events_typed.pack_id, features.pack_id, categories.default_pack_id)
            as known_pack_id,
        coalesce(events_typed.capability_id, features.capability_id) as known_capability_id,
        events_typed.timestamp_text is not null
        and coalesce(events_typed.event_at < timestamp '2000-01-01', true) as has_bad_timestamp,
        events_typed.event_at
        > files.landed_at + interval {{ var('future_tolerance_minutes') | int }} minute
            as is_ahead_of_landing,
        (events_typed.quantity_text is not null and events_typed.quantity is null)
        or (events_typed.bytes_text is not null and events_typed.byte_count is null)
            as has_bad_quantity,
        events_typed.tenant_id is null or tenants.tenant_id is not null as is_known_tenant,
        events_typed.category is null or categories.category is not null as is_known_category
    from events_typed
    inner join files
        on events_typed.landed_file = files.landed_file
    left join tenants
        on events_typed.tenant_id = tenants.tenant_id
    left join categories
        on events_typed.category = categories.category
    left join features
        on events_typed.feature_id = features.feature_id
    where files.landed_at >= {{ first_pending_at('usage_events', usage_fingerprint()) }}
),

judged as (
    select
        *,
        case
            when not is_json then 'malformed_json'
            else concat_ws(
                ',',
                case when event_id is null then 'missing_id' end,
                case when tenant_id is null then 'missing_tenant_id' end,
                case when timestamp_text is null then 'missing_timestamp' end,
                case when category is null then 'missing_category' end,
                case when event_type is null then 'missing_type' end,
                case when quantity_text is null then 'missing_quantity' end,
                case when has_bad_timestamp then 'bad_timestamp' end,
                case when is_ahead_of_landing then 'future_timestamp' end,
                case when has_bad_quantity then 'bad_quantity' end,
                case when not is_known_tenant then 'unknown_tenant' end,
                case when not is_known_category then 'unknown_category' end
            )
        end as reasons,
        {{ event_digest('event_id', 'quantity') }} as event_digest
    from enriched
),

final as (
    select
        landed_file,
        line_number,
        event_id,
        {{ id_bucket(['event_id']) }} as id_bucket,
        tenant_id,
        category,
        event_type,
        feature_id,
        known_capability_id as capability_id,
        known_pack_id as pack_id,
        coalesce(environment, 'production') as environment,
        actor_type,
        actor_id,
        business_unit_id,
        region,
        {{ id_bucket([
            'category', 'event_type', 'known_pack_id', "coalesce(environment, 'production')",
            'actor_type', 'business_unit_id',
        ]) }} as class_key,
        corrects_event_id,
        case when corrects_event_id is not null then {{ id_bucket(['corrects_event_id']) }} end
            as corrected_bucket,
        {{ id_bucket([
            'event_digest', 'tenant_id', 'event_at', 'category', 'event_type', 'metadata',
        ]) }} as content_bucket,
        reasons,
        environment is null as is_environment_assumed,
        quantity,
        byte_count,
        metadata,
        event_at,
        cast(event_at as date) as event_date,
        event_digest,
        landed_at,
        case when reasons <> '' then coalesce(raw_line, {{ landed_row_as_json() }}) end as raw_line
    from judged
)

select * from final

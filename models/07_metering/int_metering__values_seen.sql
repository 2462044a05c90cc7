{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_pending('fct_usage_corrections', meters_fingerprint()) }}",
    post_hook="{{ record_batches('fct_usage_corrections', meters_fingerprint()) }}",
) }}
{%- set first_pending_at = first_pending_at('fct_usage_corrections', meters_fingerprint()) -%}
with changes as (
    select * from {{ ref('int_metering__changes_metered') }}
),

selected as (
    select distinct class_key
    from {{ ref('int_metering__selectors_matched') }}
    where has_values
),

-- Values that are ranked cannot be added up beforehand; only the classes that need it are kept.
final as (
    select
        tenant_id,
        class_key,
        event_id,
        weight,
        source_weight,
        correction_count,
        member_quantity as quantity,
        event_digest,
        metered_at,
        landed_at
    from changes
    where
        landed_at >= {{ first_pending_at }}
        and class_key in (select selected.class_key from selected)
)

select * from final

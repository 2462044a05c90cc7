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
    select distinct class_key, value_field
    from {{ ref('int_metering__selectors_matched') }}
    where aggregation in ('time_weighted', 'sum_prorated')
),

-- Levels are whole billionths: of the quantity, or bytes as billionths of a GB.
stepped as (
    select
        changes.tenant_id,
        changes.class_key,
        selected.value_field,
        date_trunc('hour', changes.metered_at) as hour_start_at,
        case selected.value_field
            when 'bytes' then cast(changes.byte_count as hugeint)
            else {{ to_nanos('changes.quantity') }}
        end as step_nanos,
        changes.source_weight,
        changes.correction_count,
        changes.event_digest,
        changes.metered_at,
        changes.landed_at
    from changes
    inner join selected
        on changes.class_key = selected.class_key
    where changes.landed_at >= {{ first_pending_at }}
),

final as (
    select
        tenant_id,
        class_key,
        value_field,
        hour_start_at,
        cast(sum(step_nanos) as hugeint) as step_nanos,
        cast(sum(step_nanos * {{ microseconds_between(
            'metered_at', 'hour_start_at + interval 1 hour'
        ) }}) as hugeint) as step_nano_microseconds,
        cast(sum(source_weight) as bigint) as source_event_count,
        cast(sum(correction_count) as bigint) as correction_count,
        cast(sum(event_digest) as hugeint) as event_digest,
        landed_at
    from stepped
    group by all
)

select * from final

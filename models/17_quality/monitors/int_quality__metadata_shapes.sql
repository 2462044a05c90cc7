{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_pending('fct_landed_events') }}",
    post_hook="{{ record_batches('fct_landed_events') }}",
) }}
with landed_events as (
    select * from {{ ref('fct_landed_events') }}
),

-- A number is a number, whole or not and of either sign.
final as (
    select
        category,
        event_type,
        regexp_replace(
            cast(json_structure(metadata) as varchar),
            '"(U?BIGINT|DOUBLE|U?HUGEINT)"',
            '"NUMBER"',
            'g'
        ) as metadata_shape,
        landed_at,
        count(*) as event_count
    from landed_events
    where
        landed_at >= {{ first_pending_at('fct_landed_events') }}
        and reasons = ''
    group by
        category,
        event_type,
        metadata_shape,
        landed_at
)

select * from final

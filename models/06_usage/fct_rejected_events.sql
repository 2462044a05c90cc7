{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_pending('fct_landed_events') }}",
    post_hook="{{ record_batches('fct_landed_events') }}",
) }}
{%- set first_pending_at = first_pending_at('fct_landed_events') -%}
with copies_ranked as (
    select *
    from {{ ref('int_usage__copies_ranked') }}
    where not is_same_content and landed_at >= {{ first_pending_at }}
),

lines_read as (
    select * from {{ ref('int_usage__lines_read') }}
),

refused as (
    select
        landed_file,
        line_number,
        event_id,
        tenant_id,
        reasons,
        raw_line,
        event_at,
        landed_at
    from {{ ref('fct_landed_events') }}
    where reasons <> '' and landed_at >= {{ first_pending_at }}
),

conflicting_rows as (
    select
        landed_events.landed_file,
        landed_events.line_number,
        landed_events.event_id,
        landed_events.tenant_id,
        landed_events.category,
        landed_events.event_type,
        landed_events.metadata,
        landed_events.event_at,
        landed_events.landed_at,
        strftime(landed_events.event_at, '%Y-%m-%dT%H:%M:%S.%fZ') as timestamp_text,
        cast(landed_events.quantity as varchar) as quantity_text
    from {{ ref('fct_landed_events') }} as landed_events
    inner join copies_ranked
        on
            landed_events.id_bucket = {{ id_bucket(['copies_ranked.event_id']) }}
            and landed_events.landed_file = copies_ranked.landed_file
            and landed_events.line_number = copies_ranked.line_number
),

conflicting as (
    select
        conflicting_rows.landed_file,
        conflicting_rows.line_number,
        conflicting_rows.event_id,
        conflicting_rows.tenant_id,
        'conflicting_duplicate' as reasons,
        coalesce(lines_read.raw_line, {{ landed_row_as_json('conflicting_rows') }}) as raw_line,
        conflicting_rows.event_at,
        conflicting_rows.landed_at
    from conflicting_rows
    left join lines_read
        on
            conflicting_rows.landed_file = lines_read.landed_file
            and conflicting_rows.line_number = lines_read.line_number
),

rejected as (
    select * from refused
    union all
    select * from conflicting
),

final as (
    select
        landed_file,
        line_number,
        event_id,
        coalesce(tenant_id, '(unknown)') as tenant_id,
        split_part(reasons, ',', 1) as reason,
        reasons,
        raw_line,
        event_at,
        landed_at
    from rejected
)

select * from final

{%- set shape -%}
{
    "feature": "VARCHAR", "capability": "VARCHAR", "pack": "VARCHAR", "env": "VARCHAR",
    "actor_type": "VARCHAR", "actor_id": "VARCHAR", "business_unit": "VARCHAR",
    "region": "VARCHAR", "bytes": "VARCHAR", "corrects_event_id": "VARCHAR"
}
{%- endset -%}
with lines_parsed as (
    select * from {{ ref('int_usage__lines_parsed') }}
),

parquet_rows as (
    select * from {{ ref('int_usage__rows_read') }}
),

landed as (
    select
        landed_file,
        line_number,
        is_json,
        event_id,
        tenant_id,
        timestamp_text,
        category,
        event_type,
        quantity_text,
        metadata,
        raw_line
    from lines_parsed
    union all
    select
        landed_file,
        line_number,
        true as is_json,
        event_id,
        tenant_id,
        timestamp_text,
        category,
        event_type,
        quantity_text,
        metadata,
        cast(null as varchar) as raw_line
    from parquet_rows
),

opened as (
    select
        landed_file,
        line_number,
        is_json,
        {{ text_or_null('event_id') }} as event_id,
        {{ text_or_null('tenant_id') }} as tenant_id,
        {{ text_or_null('timestamp_text') }} as timestamp_text,
        {{ text_or_null('category') }} as category,
        {{ text_or_null('event_type') }} as event_type,
        {{ text_or_null('quantity_text') }} as quantity_text,
        metadata,
        {{ parse_json('metadata', shape) }} as detail,
        raw_line
    from landed
),

final as (
    select
        landed_file,
        line_number,
        is_json,
        event_id,
        tenant_id,
        category,
        event_type,
        {{ text_or_null('detail.feature') }} as feature_id,
        {{ text_or_null('detail.capability') }} as capability_id,
        {{ text_or_null('detail.pack') }} as pack_id,
        {{ text_or_null('detail.env') }} as environment,
        {{ text_or_null('detail.actor_type') }} as actor_type,
        {{ text_or_null('detail.actor_id') }} as actor_id,
        {{ text_or_null('detail.business_unit') }} as business_unit_id,
        {{ text_or_null('detail.region') }} as region,
        {{ text_or_null('detail.corrects_event_id') }} as corrects_event_id,
        {{ text_or_null('detail.bytes') }} as bytes_text,
        timestamp_text,
        quantity_text,
        metadata,
        {{ parse_exact_decimal('quantity_text', 22, 9) }} as quantity,
        cast({{ parse_exact_decimal(text_or_null('detail.bytes'), 18, 0) }} as bigint)
            as byte_count,
        {{ parse_instant('timestamp_text') }} as event_at,
        raw_line
    from opened
)

select * from final

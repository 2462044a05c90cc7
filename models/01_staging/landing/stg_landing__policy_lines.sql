{%- set shape -%}
{
    "id": "VARCHAR", "at": "VARCHAR", "actor_id": "VARCHAR", "subject_type": "VARCHAR",
    "subject_id": "VARCHAR", "rule_id": "VARCHAR", "effect": "VARCHAR", "scope": "VARCHAR",
    "valid_from": "VARCHAR", "valid_to": "VARCHAR", "action": "VARCHAR", "payload": "JSON",
    "policy_decision_id": "VARCHAR"
}
{%- endset -%}
{%- set payload_shape -%}
{
    "amount": "VARCHAR", "currency_code": "VARCHAR", "currency": "VARCHAR",
    "discount_ratio": "VARCHAR"
}
{%- endset -%}
with lines_read as (
    select * from {{ ref('int_staging__policy_lines_read') }}
),

files as (
    select * from {{ ref('stg_landing__files') }}
),

parsed as (
    select
        landed_file,
        line_number,
        raw_line,
        {{ parse_json('raw_line', shape) }} as line,
        starts_with(ltrim(raw_line), '{') as is_object
    from lines_read
),

opened as (
    select
        *,
        line is not null and is_object as is_json,
        cast(line.payload as varchar) as payload,
        {{ parse_json('cast(line.payload as varchar)', payload_shape) }} as detail
    from parsed
),

written as (
    select
        *,
        {{ text_or_null(number_as_written('raw_line', 'amount', 'detail.amount')) }} as amount_text,
        {{ text_or_null(number_as_written(
            'raw_line', 'discount_ratio', 'detail.discount_ratio'
        )) }} as ratio_text,
        {{ text_or_null('line."at"') }} as at_text,
        {{ text_or_null('line.valid_from') }} as valid_from_text,
        {{ text_or_null('line.valid_to') }} as valid_to_text
    from opened
),

final as (
    select
        written.landed_file,
        written.line_number,
        files.source_folder,
        written.is_json,
        {{ text_or_null('written.line.id') }} as entry_id,
        {{ text_or_null('written.line.actor_id') }} as actor_id,
        {{ text_or_null('written.line.rule_id') }} as rule_id,
        {{ text_or_null('written.line.effect') }} as effect,
        {{ text_or_null('written.line.action') }} as action,
        {{ text_or_null('written.line.subject_type') }} as subject_type,
        {{ text_or_null('written.line.subject_id') }} as subject_id,
        {{ text_or_null('written.line.scope') }} as scope,
        {{ text_or_null('written.line.policy_decision_id') }} as policy_decision_id,
        coalesce(nullif(written.payload, 'null'), '{}') as payload,
        {{ text_or_null('coalesce(written.detail.currency_code, written.detail.currency)') }}
            as currency_code,
        written.at_text,
        written.amount_text,
        written.ratio_text,
        written.valid_from_text,
        written.valid_to_text,
        {{ parse_exact_decimal('written.amount_text', 22, 9) }} as act_amount,
        {{ parse_exact_decimal('written.ratio_text', 16, 9) }} as act_ratio,
        {{ parse_instant('written.at_text') }} as entered_at,
        {{ parse_instant('written.valid_from_text') }} as valid_from_at,
        {{ parse_instant('written.valid_to_text') }} as valid_to_at,
        written.raw_line,
        files.landed_at
    from written
    inner join files
        on written.landed_file = files.landed_file
)

select * from final

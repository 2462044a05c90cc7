{%- set shape = '{"coupons": [{"coupon_id": "VARCHAR", "amount": "DECIMAL(22, 4)"}]}' -%}
with documents as (
    select * from {{ ref('stg_landing__documents') }}
    where is_digest_right
),

opened as (
    select
        document_id,
        landed_file,
        line_number as file_line_number,
        unnest({{ parse_json('body', shape) }}.coupons) as part
    from documents
),

final as (
    select
        document_id,
        landed_file,
        file_line_number,
        part.coupon_id,
        part.amount
    from opened
)

select * from final

with documents as (
    select * from {{ ref('fct_documents') }}
    where document_kind = 'invoice' and not is_void
),

document_coupons as (
    select * from {{ ref('stg_landing__document_coupons') }}
),

final as (
    select distinct
        document_coupons.coupon_id,
        documents.billing_period_id
    from documents
    inner join document_coupons
        on
            documents.landed_file = document_coupons.landed_file
            and documents.line_number = document_coupons.file_line_number
)

select * from final

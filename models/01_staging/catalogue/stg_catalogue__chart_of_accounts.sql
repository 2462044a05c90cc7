with source as (
    select * from {{ ref('chart_of_accounts') }}
),

final as (
    select
        account_id,
        account_name,
        account_type,
        posting_role,
        gl_code
    from source
)

select * from final

with chart_of_accounts as (
    select * from {{ ref('stg_catalogue__chart_of_accounts') }}
),

final as (
    select
        account_id,
        account_name,
        account_type,
        posting_role,
        gl_code
    from chart_of_accounts
)

select * from final

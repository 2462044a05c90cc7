with currencies as (
    select * from {{ ref('stg_catalogue__currencies') }}
),

final as (
    select
        currency_code,
        currency_name,
        minor_unit
    from currencies
)

select * from final

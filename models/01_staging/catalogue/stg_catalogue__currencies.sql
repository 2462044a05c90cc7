with source as (
    select * from {{ ref('currencies') }}
),

final as (
    select
        currency_code,
        currency_name,
        cast(minor_unit as integer) as minor_unit
    from source
)

select * from final

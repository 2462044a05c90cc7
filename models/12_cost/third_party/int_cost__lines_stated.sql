with rows_posted as (
    select * from {{ ref('int_cost__rows_posted') }}
    where row_status = 'current'
),

third_party_skus as (
    select * from {{ ref('stg_catalogue__third_party_skus') }}
),

-- Calls are compared in the month in which they were made, whenever they are billed. Quantities in
-- more than one unit do not add up.
final as (
    select
        rows_posted.driver_month as usage_month,
        third_party_skus.provider_name as provider,
        third_party_skus.hint_sku,
        rows_posted.currency_code,
        count(*) as row_count,
        case
            when count(distinct rows_posted.consumed_unit) <= 1
                then cast(sum(rows_posted.consumed_quantity) as decimal(38, 15))
        end as consumed_quantity,
        cast(sum(rows_posted.billed_cost_amount) as decimal(38, 12)) as billed_cost_amount,
        cast(sum(rows_posted.effective_cost_amount) as decimal(38, 12)) as effective_cost_amount
    from rows_posted
    inner join third_party_skus
        on
            rows_posted.provider_name = third_party_skus.provider_name
            and (
                third_party_skus.service_name is null
                or rows_posted.service_name = third_party_skus.service_name
            )
            and (
                third_party_skus.sku_id is null
                or rows_posted.sku_id = third_party_skus.sku_id
            )
            and rows_posted.driver_month >= third_party_skus.effective_from_at
            and rows_posted.driver_month < third_party_skus.effective_to_at
    group by
        rows_posted.driver_month,
        third_party_skus.provider_name,
        third_party_skus.hint_sku,
        rows_posted.currency_code
)

select * from final

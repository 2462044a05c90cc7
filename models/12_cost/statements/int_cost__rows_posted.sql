with rows_checked as (
    select * from {{ ref('int_cost__rows_checked') }}
    where is_accepted
),

months_posted as (
    select * from {{ ref('int_cost__months_posted') }}
),

final as (
    select
        rows_checked.landed_file,
        rows_checked.line_number,
        rows_checked.provider_name,
        rows_checked.provider_invoice_id,
        rows_checked.billing_account_id,
        rows_checked.sub_account_id,
        rows_checked.currency_code,
        rows_checked.charge_category,
        rows_checked.charge_class,
        rows_checked.charge_frequency,
        rows_checked.charge_description,
        rows_checked.pricing_category,
        rows_checked.commitment_discount_id,
        rows_checked.commitment_discount_status,
        rows_checked.service_name,
        rows_checked.service_category,
        rows_checked.sku_id,
        rows_checked.region,
        rows_checked.resource_id,
        rows_checked.resource_key,
        rows_checked.tags,
        rows_checked.other_columns,
        rows_checked.driver_month,
        rows_checked.billing_month,
        months_posted.rules_from_at,
        months_posted.cost_month,
        months_posted.reversed_in_month,
        months_posted.row_status,
        months_posted.is_posted,
        rows_checked.consumed_quantity,
        rows_checked.consumed_unit,
        rows_checked.billed_cost_amount,
        rows_checked.effective_cost_amount,
        rows_checked.billing_period_start_at,
        rows_checked.billing_period_end_at,
        rows_checked.charge_period_start_at,
        rows_checked.charge_period_end_at,
        months_posted.landed_at
    from rows_checked
    inner join months_posted
        on {{ is_posted_alike('rows_checked', 'months_posted') }}
)

select * from final

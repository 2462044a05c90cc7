with rows_checked as (
    select * from {{ ref('int_cost__rows_checked') }}
    where is_accepted
),

statements as (
    select * from {{ ref('fct_cost_statements') }}
),

mapping_rules as (
    select * from {{ ref('stg_catalogue__cost_mapping_rules') }}
),

-- Resources are told apart only where some rule looks at them.
looked_at as (
    select count(resource_like) > 0 as is_by_resource
    from mapping_rules
),

-- What corrects an invoice of before stands in the month in which it is billed; all else in that of
-- its charge period. What lands for a closed month stands in the first open one.
dated as (
    select
        rows_checked.*,
        case when looked_at.is_by_resource then rows_checked.resource_id end as resource_key,
        statements.is_superseded,
        statements.closed_before_next_month,
        rows_checked.is_copy_in_batch
        or (rows_checked.is_copy and statements.restatement = 'add') as is_left_out,
        greatest(
            case
                when
                    rows_checked.charge_class = 'Correction'
                    and statements.correction_posting = 'billing_month'
                    then greatest(rows_checked.billing_month, rows_checked.driver_month)
                else rows_checked.driver_month
            end,
            cast(statements.closed_month + interval 1 month as date)
        ) as cost_month
    from rows_checked
    inner join statements
        on
            rows_checked.landed_file = statements.landed_file
            and rows_checked.provider_name = statements.provider
            and rows_checked.billing_account_id is not distinct from statements.billing_account_id
            and rows_checked.billing_month = statements.billing_month
    cross join looked_at
),

final as (
    select
        landed_file,
        line_number,
        provider_name,
        provider_invoice_id,
        billing_account_id,
        sub_account_id,
        currency_code,
        charge_category,
        charge_class,
        charge_frequency,
        charge_description,
        pricing_category,
        commitment_discount_id,
        commitment_discount_status,
        service_name,
        service_category,
        sku_id,
        region,
        resource_id,
        resource_key,
        tags,
        other_columns,
        driver_month,
        billing_month,
        cost_month,
        case
            when is_superseded and not is_left_out and cost_month <= closed_before_next_month
                then cast(closed_before_next_month + interval 1 month as date)
        end as reversed_in_month,
        case
            when is_left_out then 'copy'
            when is_superseded then 'superseded'
            else 'current'
        end as row_status,
        not is_left_out
        and (not is_superseded or coalesce(cost_month <= closed_before_next_month, false))
            as is_posted,
        consumed_quantity,
        consumed_unit,
        billed_cost_amount,
        effective_cost_amount,
        billing_period_start_at,
        billing_period_end_at,
        charge_period_start_at,
        charge_period_end_at,
        landed_at
    from dated
)

select * from final

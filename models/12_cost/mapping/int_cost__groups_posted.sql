with rows_grouped as (
    select * from {{ ref('int_cost__rows_grouped') }}
),

months_posted as (
    select * from {{ ref('int_cost__months_posted') }}
    where is_posted
),

tags_read as (
    select * from {{ ref('int_cost__tags_read') }}
),

dated as (
    select
        rows_grouped.*,
        tags_read.rule_tags,
        months_posted.rules_from_at,
        months_posted.cost_month,
        months_posted.reversed_in_month
    from rows_grouped
    inner join months_posted
        on {{ is_posted_alike('rows_grouped', 'months_posted') }}
    left join tags_read
        on rows_grouped.tags = tags_read.tags
),

-- A statement that was replaced after its month was closed is taken back in the open month.
final as (
    select
        {{ mapped_by() | join(', ') }},
        driver_month,
        cost_month,
        provider_invoice_id,
        currency_code,
        commitment_discount_id,
        slice_start_at,
        slice_end_at,
        billed_cost_amount,
        effective_cost_amount,
        source_row_count,
        charged_to_at
    from dated
    union all
    select
        {{ mapped_by() | join(', ') }},
        driver_month,
        reversed_in_month as cost_month,
        provider_invoice_id,
        currency_code,
        commitment_discount_id,
        slice_start_at,
        slice_end_at,
        -billed_cost_amount as billed_cost_amount,
        -effective_cost_amount as effective_cost_amount,
        source_row_count,
        null as charged_to_at
    from dated
    where reversed_in_month is not null
)

select * from final

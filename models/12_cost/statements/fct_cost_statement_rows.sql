with rows_posted as (
    select * from {{ ref('int_cost__rows_posted') }}
),

tags_read as (
    select * from {{ ref('int_cost__tags_read') }}
),

mappings as (
    select * from {{ ref('fct_cost_mappings') }}
),

tagged as (
    select
        rows_posted.*,
        tags_read.rule_tags
    from rows_posted
    left join tags_read
        on rows_posted.tags = tags_read.tags
),

mapped as (
    select
        tagged.*,
        mappings.tenant_id,
        mappings.internal_service,
        mappings.cluster,
        mappings.mapped_region,
        mappings.pack_id,
        mappings.capability_id,
        mappings.resource_type,
        mappings.cost_category,
        mappings.rule_id,
        mappings.rule_version,
        mappings.allocation_method,
        mappings.allocation_rule_id,
        mappings.unallocated_reason
    from tagged
    left join mappings
        on {{ is_mapped_alike('tagged', 'mappings') }}
),

-- A row of a statement that was replaced after its month was closed stands in two pools.
pooled as (
    select
        *,
        {{ content_id(pool_of_row('cost_month')) }} as pool_id,
        {{ content_id(pool_of_row('reversed_in_month')) }} as reversal_pool_id
    from mapped
),

final as (
    select
        landed_file,
        line_number,
        case when is_posted then pool_id end as cost_pool_id,
        case when reversed_in_month is not null then reversal_pool_id end as reversal_cost_pool_id,
        case when is_posted then cost_month end as cost_month,
        reversed_in_month,
        driver_month,
        provider_name as provider,
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
        resource_type,
        mapped_region as region,
        cluster,
        internal_service,
        resource_id,
        tags,
        other_columns,
        tenant_id,
        rule_id,
        rule_version,
        allocation_method,
        allocation_rule_id,
        unallocated_reason,
        row_status,
        is_posted,
        consumed_quantity,
        consumed_unit,
        billed_cost_amount,
        effective_cost_amount,
        billing_period_start_at,
        billing_period_end_at,
        charge_period_start_at,
        charge_period_end_at,
        landed_at
    from pooled
)

select * from final

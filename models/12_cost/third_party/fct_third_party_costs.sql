with third_party_usage as (
    select * from {{ ref('fct_third_party_usage') }}
),

third_party_skus as (
    select * from {{ ref('stg_catalogue__third_party_skus') }}
),

lines_stated as (
    select * from {{ ref('int_cost__lines_stated') }}
),

-- A sku that the catalogue does not know is shown under the provider that its hints name.
stacked as (
    select
        third_party_usage.usage_month,
        coalesce(third_party_skus.provider_name, third_party_usage.hint_provider) as provider,
        third_party_usage.hint_sku,
        third_party_usage.currency_code,
        third_party_usage.event_count,
        third_party_usage.bad_hint_count,
        0 as row_count,
        third_party_usage.hinted_quantity,
        null as consumed_quantity,
        third_party_usage.hinted_cost_amount,
        0 as billed_cost_amount,
        0 as effective_cost_amount
    from third_party_usage
    left join third_party_skus
        on
            third_party_usage.hint_sku = third_party_skus.hint_sku
            and third_party_usage.usage_month >= third_party_skus.effective_from_at
            and third_party_usage.usage_month < third_party_skus.effective_to_at
    union all
    select
        usage_month,
        provider,
        hint_sku,
        currency_code,
        0 as event_count,
        0 as bad_hint_count,
        row_count,
        0 as hinted_quantity,
        consumed_quantity,
        0 as hinted_cost_amount,
        billed_cost_amount,
        effective_cost_amount
    from lines_stated
),

compared as (
    select
        usage_month,
        provider,
        hint_sku,
        currency_code,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(bad_hint_count) as bigint) as bad_hint_count,
        cast(sum(row_count) as bigint) as source_row_count,
        cast(sum(hinted_quantity) as decimal(38, 9)) as hinted_quantity,
        cast(sum(consumed_quantity) as decimal(38, 15)) as consumed_quantity,
        {{ sum_of_known('hinted_cost_amount') }} as hinted_cost_amount,
        cast(sum(billed_cost_amount) as decimal(38, 12)) as billed_cost_amount,
        cast(sum(effective_cost_amount) as decimal(38, 12)) as effective_cost_amount
    from stacked
    group by
        usage_month,
        provider,
        hint_sku,
        currency_code
),

final as (
    select
        compared.usage_month,
        compared.provider,
        compared.hint_sku,
        compared.currency_code,
        third_party_skus.hint_sku is not null as is_mapped,
        compared.event_count,
        compared.bad_hint_count,
        compared.source_row_count,
        compared.hinted_quantity,
        compared.consumed_quantity,
        cast(compared.consumed_quantity - compared.hinted_quantity as decimal(38, 15))
            as difference_quantity,
        third_party_skus.included_quantity,
        third_party_skus.tolerance_ratio,
        compared.hinted_cost_amount,
        compared.billed_cost_amount,
        compared.effective_cost_amount,
        cast(compared.billed_cost_amount - compared.hinted_cost_amount as decimal(38, 12))
            as difference_cost_amount,
        {{ amount_per_unit('compared.hinted_cost_amount', 'compared.hinted_quantity') }}
            as hinted_unit_cost_amount,
        {{ amount_per_unit('compared.billed_cost_amount', 'compared.consumed_quantity') }}
            as billed_unit_cost_amount
    from compared
    left join third_party_skus
        on
            compared.hint_sku = third_party_skus.hint_sku
            and compared.usage_month >= third_party_skus.effective_from_at
            and compared.usage_month < third_party_skus.effective_to_at
)

select * from final

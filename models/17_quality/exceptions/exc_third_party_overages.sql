with third_party_costs as (
    select * from {{ ref('fct_third_party_costs') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

measured as (
    select
        third_party_costs.*,
        third_party_costs.usage_month < date_trunc('month', as_of.as_of_at) as is_over,
        third_party_costs.event_count > 0 as is_hinted,
        third_party_costs.source_row_count > 0 as is_stated,
        cast(
            cast(third_party_costs.hinted_quantity as decimal(28, 12))
            * cast(third_party_costs.tolerance_ratio as decimal(10, 9)) as decimal(38, 15)
        ) as tolerated_quantity,
        cast(
            cast(third_party_costs.hinted_cost_amount as decimal(28, 12))
            * cast(third_party_costs.tolerance_ratio as decimal(10, 9)) as decimal(38, 12)
        ) as tolerated_cost_amount,
        case
            when third_party_costs.source_row_count > 0 then third_party_costs.consumed_quantity
            else third_party_costs.hinted_quantity
        end as taken_quantity
    from third_party_costs
    cross join as_of
),

-- What was called has no statement until its month is over.
judged as (
    select
        *,
        concat_ws(
            '|',
            case
                when is_hinted and is_stated and difference_cost_amount > tolerated_cost_amount
                    then 'cost_exceeds_hints'
            end,
            case
                when is_hinted and is_stated and difference_quantity > tolerated_quantity
                    then 'quantity_exceeds_hints'
            end,
            case when taken_quantity > included_quantity then 'quantity_exceeds_included' end,
            case when is_hinted and not is_mapped then 'unknown_sku' end,
            case when bad_hint_count > 0 then 'bad_hints' end,
            case
                when is_hinted and is_mapped and bad_hint_count = 0 and not is_stated and is_over
                    then 'no_statement'
            end,
            case when is_stated and not is_hinted then 'no_hints' end
        ) as found_reasons
    from measured
),

final as (
    select
        usage_month,
        provider,
        hint_sku,
        currency_code,
        unnest(string_split(found_reasons, '|')) as reason,
        event_count,
        bad_hint_count,
        source_row_count,
        hinted_quantity,
        consumed_quantity,
        difference_quantity,
        included_quantity,
        tolerance_ratio,
        hinted_cost_amount,
        billed_cost_amount,
        difference_cost_amount
    from judged
    where found_reasons <> ''
)

select * from final

with hints_read as (
    select * from {{ ref('int_cost__hints_read') }}
),

-- A hint that cannot be read is nobody's guess: its calls are counted, and their cost is unknown.
judged as (
    select
        *,
        case when is_readable then currency_code else '(unknown)' end as hint_currency_code,
        case
            when is_readable and abs(quantity) < {{ largest_quantity() }}
                then
                    cast(
                        cast(quantity as decimal(22, 9)) * unit_amount as decimal(38, 12)
                    )
        end as cost_amount
    from hints_read
),

final as (
    select
        usage_month,
        hint_sku,
        hint_provider,
        tenant_id,
        pack_id,
        hint_currency_code as currency_code,
        min(case when not is_readable then cost_hint_text end) as bad_hint_text,
        cast(sum(event_count) as bigint) as event_count,
        cast(coalesce(sum(event_count) filter (where not is_readable), 0) as bigint)
            as bad_hint_count,
        cast(sum(quantity) as decimal(38, 9)) as hinted_quantity,
        {{ sum_of_known('cost_amount') }} as hinted_cost_amount
    from judged
    group by
        usage_month,
        hint_sku,
        hint_provider,
        tenant_id,
        pack_id,
        hint_currency_code
)

select * from final

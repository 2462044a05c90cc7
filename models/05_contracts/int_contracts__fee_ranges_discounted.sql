with ranges as (
    select * from {{ ref('int_contracts__fee_ranges_cut') }}
),

discounts as (
    select * from {{ ref('dim_discounts') }}
),

-- A range is cut where a discount begins or ends, so one that is in force on its first day holds
-- for the whole of it.
agreed as (
    select
        ranges.fee_rate_id,
        discounts.discount_id,
        discounts.sequence,
        discounts.recorded_at,
        {{ running_product(
            '1 - discounts.discount_ratio', 'ranges.fee_rate_id',
            'discounts.sequence, discounts.discount_id',
        ) }} as share_left_ratio
    from ranges
    inner join discounts
        on
            (discounts.contract_id is null or ranges.contract_id = discounts.contract_id)
            and (
                discounts.plan_version_id is null
                or ranges.plan_version_id = discounts.plan_version_id
            )
            and (discounts.line_code is null or ranges.line_code = discounts.line_code)
            and (discounts.pack_id is null or ranges.pack_id = discounts.pack_id)
            and ranges.from_date >= discounts.effective_from_at
            and ranges.from_date < discounts.effective_to_at
),

numbered as (
    select
        *,
        row_number() over (partition by fee_rate_id order by sequence, discount_id) as step_number
    from agreed
),

final as (
    select
        fee_rate_id,
        max_by(share_left_ratio, step_number) as share_left_ratio,
        max(recorded_at) as recorded_at
    from numbered
    group by fee_rate_id
)

select * from final

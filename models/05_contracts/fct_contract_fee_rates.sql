with ranges as (
    select * from {{ ref('int_contracts__fee_ranges_cut') }}
),

plan_tiers as (
    select * from {{ ref('fct_plan_tiers') }}
),

quantities as (
    select * from {{ ref('dim_contract_quantities') }}
),

discounted as (
    select * from {{ ref('int_contracts__fee_ranges_discounted') }}
),

priced as (
    select
        ranges.*,
        {{ contracted_quantity('ranges.charge_model', 'quantities.quantity') }} as quantity,
        {{ contracted_fee('plan_tiers', 'quantities.quantity') }} as priced_amount,
        coalesce(12 // {{ months_in_interval('ranges.priced_interval') }}, 52) as priced_per_year,
        case when ranges.is_trial then 0 else coalesce(discounted.share_left_ratio, 1) end
            as share_left_ratio,
        quantities.recorded_at as quantity_recorded_at,
        discounted.recorded_at as discount_recorded_at
    from ranges
    inner join plan_tiers
        on
            ranges.plan_line_id = plan_tiers.plan_line_id
            and ranges.currency_code = plan_tiers.currency_code
    left join quantities
        on
            ranges.contract_id = quantities.contract_id
            and ranges.line_code = quantities.line_code
            and ranges.from_date >= quantities.effective_from_at
            and ranges.from_date < quantities.effective_to_at
    left join discounted
        on ranges.fee_rate_id = discounted.fee_rate_id
),

of_month as (
    select
        *,
        cast({{ from_nanos(half_away_quotient(
            to_nanos('priced_amount') ~ ' * priced_per_year', '12',
        )) }} as decimal(28, 9)) as list_month_amount
    from priced
),

final as (
    select
        fee_rate_id,
        contract_id,
        tenant_id,
        plan_version_id,
        plan_line_id,
        line_code,
        pack_id,
        currency_code,
        is_internal,
        is_trial,
        quantity,
        list_month_amount,
        cast(
            {{ left_by_discounts('list_month_amount', 'share_left_ratio') }} as decimal(28, 9)
        ) as month_amount,
        from_date,
        to_date,
        greatest(recorded_at, quantity_recorded_at, discount_recorded_at) as recorded_at,
        policy_decision_id
    from of_month
)

select * from final

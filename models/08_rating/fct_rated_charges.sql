with rated_units as (
    select * from {{ ref('fct_rated_units') }}
),

rated_tiers as (
    select * from {{ ref('fct_rated_tiers') }}
),

events_charged as (
    select * from {{ ref('int_rating__events_charged') }}
),

terms as (
    select * from {{ ref('fct_plan_line_terms') }}
),

-- Where tiers apply to each hour or day, their sum.
counted as (
    select
        contract_line_id,
        group_value,
        any_value(plan_line_id) as plan_line_id,
        any_value(currency_code) as currency_code,
        bool_or(is_priced_by_event) as is_priced_by_event,
        bool_or(is_without_group) as is_without_group,
        cast(sum(quantity) as decimal(38, 9)) as quantity,
        max(allowance_quantity) as allowance_quantity,
        cast(sum(excess_quantity) as decimal(38, 9)) as excess_quantity,
        cast(sum(billable_quantity) as decimal(38, 9)) as billable_quantity,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(event_digest) as hugeint) as event_digest
    from rated_units
    group by
        contract_line_id,
        group_value
),

tiers_added as (
    select
        contract_line_id,
        group_value,
        max(unit_price) as unit_price,
        case
            when count(*) = count(amount) and sum(amount) < 10 * {{ largest_quantity() }}
                then sum(amount)
        end as amount
    from rated_tiers
    group by
        contract_line_id,
        group_value
),

-- A line without a price in the contract's currency, one whose events lack theirs, and one that
-- comes to a hundred million million have an amount that is unknown, not zero.
final as (
    select
        counted.contract_line_id,
        counted.group_value,
        counted.plan_line_id,
        counted.currency_code,
        counted.is_without_group,
        counted.quantity,
        counted.allowance_quantity,
        counted.excess_quantity,
        case
            when counted.is_priced_by_event then coalesce(events_charged.units, 0)
            else counted.billable_quantity
        end as billable_quantity,
        counted.event_count,
        counted.event_digest,
        case
            when not counted.is_priced_by_event then tiers_added.unit_price
        end as top_unit_price,
        case
            when terms.fair_use_policy = 'overage'
                then cast(
                    counted.excess_quantity
                    * coalesce(terms.fair_use_unit_price, 0) as decimal(38, 18)
                )
            else 0
        end as fair_use_amount,
        case
            when terms.plan_line_id is null then null
            when not counted.is_priced_by_event then tiers_added.amount
            when coalesce(events_charged.unknown_event_count, 0) = 0
                then coalesce(events_charged.amount, 0)
        end as usage_amount
    from counted
    left join tiers_added
        on
            counted.contract_line_id = tiers_added.contract_line_id
            and counted.group_value = tiers_added.group_value
    left join events_charged
        on counted.contract_line_id = events_charged.contract_line_id
    left join terms
        on
            counted.plan_line_id = terms.plan_line_id
            and counted.currency_code = terms.currency_code
)

select * from final

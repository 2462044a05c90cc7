with fees_priced as (
    select * from {{ ref('int_contracts__fees_priced') }}
),

-- Where a fee is not prorated, one part of the period bears it: in advance the first, which is all
-- that is known then, in arrears the last.
weighed as (
    select
        *,
        case proration when 'by_second' then full_second_count else full_day_count end
            as full_weight,
        case
            when line_kind = 'one_time' then 'whole'
            when proration <> 'none' then proration
            when segment_start_at = case timing
                when 'in_advance' then min(segment_start_at) over period
                else max(segment_start_at) over period
            end then 'whole'
            else 'none'
        end as share_kind
    from fees_priced
    window period as (partition by billing_period_id)
),

shared as (
    select
        *,
        case share_kind
            when 'whole' then full_weight
            when 'by_second' then segment_second_count
            when 'by_day' then segment_day_count
            else 0
        end as own_weight,
        case
            when timing = 'in_arrears' then 0
            when share_kind = 'by_second' then left_second_count
            when share_kind = 'by_day' then left_day_count
            else 0
        end as left_weight
    from weighed
),

-- Parts get what the running total has grown by, so that they add up to it; or each is rounded by
-- itself. What is charged in advance is charged up to the period's end, less what is left of it.
accumulated as (
    select
        *,
        {% for name, column in [('list', 'full_period_amount'), ('net', 'discounted_amount')] -%}
            {{ column }} * own_weight as {{ name }}_own,
            case split_rounding
                when 'cumulative' then sum({{ column }} * own_weight) over in_order
                else {{ column }} * (own_weight + left_weight)
            end as {{ name }}_reached,
        {% endfor -%}
        discounted_amount * left_weight as net_left
    from shared
    window
        in_order as (
            partition by billing_period_id, pack_id order by segment_start_at, plan_line_id
            rows between unbounded preceding and current row
        )
),

rounded as (
    select
        *,
        {% for name in ['list', 'net'] -%}
            ({{ rounded_share(name ~ '_reached', 'full_weight', 'minor_unit', 'rounding_mode') }})
            - ({{ rounded_share(
                name ~ '_reached - ' ~ name ~ '_own', 'full_weight', 'minor_unit', 'rounding_mode',
            ) }}) as {{ name }}_units,
        {% endfor -%}
        {{ rounded_share('net_left', 'full_weight', 'minor_unit', 'rounding_mode') }}
            as credited_units
    from accumulated
),

final as (
    select
        contract_line_id,
        billing_period_id,
        contract_id,
        tenant_id,
        plan_version_id,
        plan_line_id,
        line_kind,
        pack_id,
        description,
        currency_code,
        period_month,
        timing,
        segment_day_count,
        full_day_count,
        quantity,
        full_period_amount,
        cast(
            {{ from_nanos(half_away_quotient(to_nanos('net_own'), 'full_weight')) }}
            as decimal(28, 9)
        ) as unrounded_amount,
        {{ from_minor_units('list_units', 'minor_unit') }} as list_amount,
        {{ from_minor_units('net_units', 'minor_unit') }} as amount,
        {{ from_minor_units('net_units + credited_units', 'minor_unit') }} as charged_ahead_amount,
        {{ from_minor_units('credited_units', 'minor_unit') }} as credited_amount,
        segment_start_at,
        segment_end_at,
        policy_decision_id
    from rounded
)

select * from final

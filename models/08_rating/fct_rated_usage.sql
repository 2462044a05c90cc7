with lines_netted as (
    select * from {{ ref('int_rating__lines_netted') }}
),

usage_not_charged as (
    select * from {{ ref('int_rating__usage_not_charged') }}
),

-- What was metered and is not in a plan, or does not bill, stands here too: with its quantity,
-- without an amount.
final as (
    select
        rated_usage_id,
        present_line_id as contract_line_id,
        contract_id,
        tenant_id,
        plan_line_id,
        meter_id,
        pack_id,
        dimensions_key,
        group_value,
        version,
        is_current,
        reason,
        plan_version_id,
        charge_model,
        status,
        quantity,
        billable_quantity,
        gross_amount,
        discount_amount,
        cast(net_amount + discount_amount - gross_amount as decimal(38, 18)) as adjustment_amount,
        already_rated_amount,
        net_amount,
        delta_net_amount,
        currency_code,
        period_month,
        event_count,
        segment_start_at,
        segment_end_at,
        known_from_at,
        receipt_id
    from lines_netted
    union all
    select
        rated_usage_id,
        null as contract_line_id,
        contract_id,
        tenant_id,
        concat('(', status, ')') as plan_line_id,
        meter_id,
        pack_id,
        dimensions_key,
        '' as group_value,
        1 as version,
        true as is_current,
        null as reason,
        null as plan_version_id,
        null as charge_model,
        status,
        quantity,
        null as billable_quantity,
        null as gross_amount,
        null as discount_amount,
        null as adjustment_amount,
        null as already_rated_amount,
        null as net_amount,
        null as delta_net_amount,
        null as currency_code,
        period_month,
        event_count,
        segment_start_at,
        segment_end_at,
        null as known_from_at,
        null as receipt_id
    from usage_not_charged
)

select * from final

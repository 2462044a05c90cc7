with lines_netted as (
    select * from {{ ref('int_rating__lines_netted') }}
),

reading_outcomes as (
    select * from {{ ref('fct_reading_outcomes') }}
),

-- What was metered and is not in a plan, or does not bill, stands here too: with its quantity,
-- without an amount. A line that is in a plan and has no amount is one of the lines.
not_charged as (
    select
        contract_id,
        tenant_id,
        meter_id,
        pack_id,
        dimensions_key,
        status,
        period_month,
        sum(quantity) as quantity,
        sum(event_count) as event_count,
        cast(period_month as timestamp) as segment_start_at,
        cast(period_month as timestamp) + interval 1 month as segment_end_at
    from reading_outcomes
    where status = 'not_billable' or (status = 'unpriced' and contract_line_id is null)
    group by
        contract_id,
        tenant_id,
        meter_id,
        pack_id,
        dimensions_key,
        status,
        period_month
),

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
        case when status = 'rated' then sha256(canonical_body) end as receipt_id
    from lines_netted
    union all
    select
        {{ content_id([
            'contract_id', 'tenant_id', 'meter_id', 'dimensions_key', 'status', 'period_month'
        ]) }} as rated_usage_id,
        null as contract_line_id,
        coalesce(contract_id, '(none)') as contract_id,
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
        cast(quantity as decimal(38, 9)) as quantity,
        null as billable_quantity,
        null as gross_amount,
        null as discount_amount,
        null as adjustment_amount,
        null as already_rated_amount,
        null as net_amount,
        null as delta_net_amount,
        null as currency_code,
        period_month,
        cast(event_count as bigint) as event_count,
        segment_start_at,
        segment_end_at,
        null as known_from_at,
        null as receipt_id
    from not_charged
)

select * from final

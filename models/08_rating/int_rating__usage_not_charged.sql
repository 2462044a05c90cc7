with reading_outcomes as (
    select * from {{ ref('fct_reading_outcomes') }}
),

-- A line that is in a plan and has no amount is one of the lines, and not here.
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
        sum(event_count) as event_count
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
        {{ content_id([
            'contract_id', 'tenant_id', 'meter_id', 'dimensions_key', 'status', 'period_month'
        ]) }} as rated_usage_id,
        coalesce(contract_id, '(none)') as contract_id,
        tenant_id,
        meter_id,
        pack_id,
        dimensions_key,
        status,
        cast(quantity as decimal(38, 9)) as quantity,
        period_month,
        cast(event_count as bigint) as event_count,
        cast(period_month as timestamp) as segment_start_at,
        cast(period_month as timestamp) + interval 1 month as segment_end_at
    from not_charged
)

select * from final

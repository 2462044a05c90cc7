with lines_metered as (
    select * from {{ ref('int_rating__lines_metered') }}
),

rated_tiers as (
    select * from {{ ref('fct_rated_tiers') }}
),

charged as (
    select
        contract_line_id,
        sum(amount) as gross_amount
    from rated_tiers
    group by contract_line_id
    having sum(amount) < {{ largest_quantity() }}
),

-- A line without a price in the contract's currency has no tiers, nor has one of ten million
-- million units or more: its amount is unknown, not zero.
final as (
    select
        {{ content_id(['lines_metered.contract_line_id', "'{}'", '1']) }} as rated_usage_id,
        lines_metered.contract_line_id,
        lines_metered.contract_id,
        lines_metered.tenant_id,
        lines_metered.plan_line_id,
        lines_metered.meter_id,
        lines_metered.pack_id,
        md5('{}') as dimensions_key,
        lines_metered.plan_version_id,
        lines_metered.charge_model,
        case when charged.gross_amount is null then 'unpriced' else 'rated' end as status,
        lines_metered.quantity,
        lines_metered.billable_quantity,
        charged.gross_amount,
        lines_metered.currency_code,
        lines_metered.period_month,
        lines_metered.event_count,
        lines_metered.segment_start_at,
        lines_metered.segment_end_at,
        lines_metered.policy_decision_id,
        {{ json_text({
            'allowance_quantity': 'lines_metered.allowance_quantity',
            'billable_quantity': 'lines_metered.billable_quantity',
            'contract_id': 'lines_metered.contract_id',
            'currency_code': 'lines_metered.currency_code',
            'event_count': 'lines_metered.event_count',
            'events_digest': 'lines_metered.event_digest',
            'gross_amount': 'charged.gross_amount',
            'meter_id': 'lines_metered.meter_id',
            'plan_line_id': 'lines_metered.plan_line_id',
            'plan_version_id': 'lines_metered.plan_version_id',
            'policy_decision_id': 'lines_metered.policy_decision_id',
            'quantity': 'lines_metered.quantity',
            'segment_end_at': 'lines_metered.segment_end_at',
            'segment_start_at': 'lines_metered.segment_start_at',
            'tenant_id': 'lines_metered.tenant_id',
        }) }} as canonical_body
    from lines_metered
    left join charged
        on lines_metered.contract_line_id = charged.contract_line_id
)

select * from final

with contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

parts_netted as (
    select * from {{ ref('int_rating__parts_netted') }}
),

discounts as (
    select
        contract_line_id,
        group_value,
        string_agg(discount_id, '|' order by step_number) as discount_ids
    from {{ ref('int_rating__lines_discounted') }}
    group by
        contract_line_id,
        group_value
),

named as (
    select
        contract_lines.*,
        parts_netted.group_value,
        parts_netted.dimensions,
        parts_netted.quantity,
        parts_netted.allowance_quantity,
        parts_netted.billable_quantity,
        parts_netted.event_count,
        parts_netted.event_digest,
        parts_netted.gross_amount,
        parts_netted.discount_amount,
        parts_netted.already_rated_amount,
        parts_netted.net_amount,
        {{ content_id(['contract_lines.contract_line_id', 'parts_netted.dimensions', '1']) }}
            as rated_usage_id,
        discounts.discount_ids
    from contract_lines
    inner join parts_netted
        on contract_lines.contract_line_id = parts_netted.contract_line_id
    left join discounts
        on
            parts_netted.contract_line_id = discounts.contract_line_id
            and parts_netted.group_value = discounts.group_value
),

-- An amount that is unknown is not zero, and has no receipt.
final as (
    select
        rated_usage_id,
        contract_line_id,
        contract_id,
        tenant_id,
        plan_line_id,
        meter_id,
        pack_id,
        md5(dimensions) as dimensions_key,
        group_value,
        plan_version_id,
        charge_model,
        case when net_amount is null then 'unpriced' else 'rated' end as status,
        quantity,
        billable_quantity,
        gross_amount,
        discount_amount,
        already_rated_amount,
        net_amount,
        currency_code,
        period_month,
        event_count,
        segment_start_at,
        segment_end_at,
        policy_decision_id,
        {{ json_text({
            'allowance_quantity': 'allowance_quantity',
            'already_rated_amount': 'already_rated_amount',
            'billable_quantity': 'billable_quantity',
            'contract_id': 'contract_id',
            'currency_code': 'currency_code',
            'dimensions': 'dimensions',
            'discount_amount': 'discount_amount',
            'discounts': 'discount_ids',
            'event_count': 'event_count',
            'events_digest': 'event_digest',
            'gross_amount': 'gross_amount',
            'meter_id': 'meter_id',
            'net_amount': 'net_amount',
            'plan_line_id': 'plan_line_id',
            'plan_version_id': 'plan_version_id',
            'policy_decision_id': 'policy_decision_id',
            'quantity': 'quantity',
            'segment_end_at': 'segment_end_at',
            'segment_start_at': 'segment_start_at',
            'tenant_id': 'tenant_id',
        }) }} as canonical_body
    from named
)

select * from final

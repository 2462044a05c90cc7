with rated_lines as (
    select * exclude (reason, known_from_at)
    from {{ ref('fct_rated_lines') }}
),

versions as (
    select * from {{ ref('fct_rated_versions') }}
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
        rated_lines.*,
        versions.group_value,
        versions.version,
        versions.is_current,
        versions.reason,
        versions.known_from_at,
        versions.dimensions,
        versions.quantity,
        versions.allowance_quantity,
        versions.billable_quantity,
        versions.event_count,
        versions.event_digest,
        versions.gross_amount,
        versions.discount_amount,
        versions.already_rated_amount,
        versions.net_amount,
        versions.delta_net_amount,
        {{ content_id(['versions.present_line_id', 'versions.dimensions', 'versions.version']) }}
            as rated_usage_id,
        discounts.discount_ids
    from rated_lines
    inner join versions
        on rated_lines.contract_line_id = versions.contract_line_id
    left join discounts
        on
            versions.contract_line_id = discounts.contract_line_id
            and versions.group_value = discounts.group_value
),

-- An amount that is unknown is not zero, and has no receipt. A digest costs more than all else
-- about a line, so it is taken here and nowhere again.
final as (
    select
        rated_usage_id,
        contract_line_id,
        present_line_id,
        contract_id,
        tenant_id,
        plan_line_id,
        meter_id,
        pack_id,
        md5(dimensions) as dimensions_key,
        group_value,
        version,
        is_current,
        reason,
        plan_version_id,
        charge_model,
        case when net_amount is null then 'unpriced' else 'rated' end as status,
        quantity,
        billable_quantity,
        gross_amount,
        discount_amount,
        already_rated_amount,
        net_amount,
        delta_net_amount,
        currency_code,
        period_month,
        event_count,
        segment_start_at,
        segment_end_at,
        environments,
        tiers_per,
        landed_until_at,
        policy_decision_id,
        known_from_at,
        case when net_amount is not null then sha256({{ rated_usage_body() }}) end as receipt_id,
        allowance_quantity,
        event_digest,
        dimensions,
        discount_ids
    from named
)

select * from final

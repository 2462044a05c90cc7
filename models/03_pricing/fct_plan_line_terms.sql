with plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
),

plan_tiers as (
    select * from {{ ref('fct_plan_tiers') }}
),

terms as (
    select * from {{ ref('stg_catalogue__plan_line_terms') }}
),

priced as (
    select
        plan_line_id,
        currency_code,
        string_agg(
            {{ content_id([
                'group_value', 'tier_number', 'up_to_quantity', 'unit_price', 'flat_amount', 'block_size',
            ]) }}, '|' order by group_value, tier_number
        ) as ladder
    from plan_tiers
    group by
        plan_line_id,
        currency_code
),

-- Two lines with the same key charge the same for the same usage, whatever they are called.
final as (
    select
        priced.plan_line_id,
        priced.currency_code,
        {{ content_id([
            'plan_lines.meter_id', 'plan_lines.charge_model', 'plan_lines.environments',
            'plan_lines.free_quantity', 'plan_lines.package_size', 'plan_lines.package_rounding',
            'plan_lines.flat_at_zero', 'plan_lines.volume_edge', 'plan_lines.tiers_per',
            'plan_lines.split_rating', 'plan_lines.amount_key', 'plan_lines.unit_multiplier',
            'plan_lines.unit_divisor', 'plan_lines.rounding_function',
            'plan_lines.rounding_precision', 'terms.minimum_amount', 'terms.maximum_amount',
            'terms.fixed_amount_per_event', 'terms.free_event_count', 'terms.free_event_amount',
            'terms.minimum_amount_per_event', 'terms.maximum_amount_per_event',
            'terms.commitment_amount', 'terms.commitment_quantity', 'terms.commitment_window',
            'terms.overage_factor', 'terms.is_trued_up', 'terms.fair_use_quantity',
            'terms.fair_use_policy', 'terms.fair_use_unit_price', 'priced.ladder',
        ]) }} as terms_key,
        plan_lines.charge_model in ('basis_points', 'dynamic')
        or (
            plan_lines.charge_model = 'percentage'
            and coalesce(
                terms.fixed_amount_per_event, terms.free_event_count, terms.free_event_amount,
                terms.minimum_amount_per_event, terms.maximum_amount_per_event
            ) is not null
        ) as is_priced_by_event,
        coalesce(terms.is_trued_up, true) as is_trued_up,
        terms.commitment_window,
        terms.fair_use_policy,
        terms.free_event_count,
        terms.free_event_amount,
        terms.commitment_quantity,
        terms.fair_use_quantity,
        coalesce(terms.overage_factor, 1) as overage_factor,
        terms.minimum_amount,
        terms.maximum_amount,
        coalesce(terms.fixed_amount_per_event, 0) as fixed_amount_per_event,
        terms.minimum_amount_per_event,
        terms.maximum_amount_per_event,
        terms.commitment_amount,
        terms.fair_use_unit_price
    from priced
    inner join plan_lines
        on priced.plan_line_id = plan_lines.plan_line_id
    left join terms
        on
            priced.plan_line_id = terms.plan_line_id
            and priced.currency_code = terms.currency_code
)

select * from final

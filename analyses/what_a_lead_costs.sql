-- What a lead costs to route, what it brings, and whether that gets worse: month by month against
-- the target. Any meter of unit_cost_targets.csv can be asked for.
-- dbt compile --select what_a_lead_costs --vars '{unit_meter_id: high_risk_ops.executions}'
select
    pack_id,
    period_month,
    quantity,
    unit,
    unit_revenue_usd,
    unit_cost_usd,
    unit_revenue_usd - unit_cost_usd as unit_margin_usd,
    target_unit_cost_usd,
    trailing_unit_cost_usd,
    variance_ratio,
    trend_ratio,
    is_regression
from {{ ref('rpt_unit_economics') }}
where meter_id = '{{ var("unit_meter_id", "revops.leads_routed") }}'
order by pack_id asc, period_month asc

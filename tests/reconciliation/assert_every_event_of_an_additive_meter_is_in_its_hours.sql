-- Usage to metering: the events of the policy-decision meter, added up anew from the events
-- themselves.
with from_events as (
    select tenant_id, sum(quantity) as quantity
    from {{ ref('fct_usage_events') }}
    where event_type = 'policy_decision'
    group by tenant_id
),

from_hours as (
    select tenant_id, sum(quantity) as quantity
    from {{ ref('fct_meter_hours') }}
    where meter_id = 'meter:policy_decisions'
    group by tenant_id
)

select
    from_events.tenant_id,
    from_events.quantity,
    from_hours.quantity as hours_quantity
from from_events
full join from_hours
    on from_events.tenant_id = from_hours.tenant_id
where from_events.quantity is distinct from from_hours.quantity

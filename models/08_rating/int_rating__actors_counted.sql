with contract_lines as (
    select * from {{ ref('fct_rated_lines') }}
),

actor_days as (
    select * from {{ ref('fct_meter_actor_days') }}
),

active_days as (
    select
        contract_lines.contract_line_id,
        {{ rated_group('actor_days') }} as group_value,
        {{ rated_window('actor_days.day_start_at') }} as window_start_at,
        contract_lines.full_day_count,
        actor_days.aggregation,
        actor_days.actor_id,
        actor_days.day_start_at,
        sum(actor_days.weight) > 0 as is_active,
        sum(actor_days.event_count) as event_count,
        sum(actor_days.event_digest) as event_digest
    from contract_lines
    inner join actor_days
        on
            contract_lines.tenant_id = actor_days.tenant_id
            and contract_lines.meter_id = actor_days.meter_id
            and contract_lines.rated_from_at <= actor_days.day_start_at
            and contract_lines.segment_end_at > actor_days.day_start_at
            and {{ is_listed('actor_days.environment', 'contract_lines.environments') }}
            and {{ is_known('actor_days.landed_at', 'contract_lines') }}
    group by all
),

-- Distinct over all that is rated as one, never the sum of its days; or as the part of the month
-- that each actor was there.
final as (
    select
        contract_line_id,
        group_value,
        window_start_at,
        cast(case aggregation
            when 'count_distinct' then count(distinct actor_id) filter (where is_active)
            else {{ from_nanos(half_away_quotient(
                'count(distinct (actor_id, day_start_at)) '
                ~ 'filter (where is_active) * cast(1000000000 as hugeint)',
                'any_value(full_day_count)',
            )) }}
        end as decimal(38, 9)) as quantity,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(event_digest) as hugeint) as event_digest
    from active_days
    group by
        contract_line_id,
        group_value,
        window_start_at,
        aggregation
)

select * from final

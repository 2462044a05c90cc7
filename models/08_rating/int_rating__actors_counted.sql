with contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

actor_days as (
    select * from {{ ref('fct_meter_actor_days') }}
),

-- Distinct over all that is rated as one, never the sum of its days; or as the part of the month
-- that each actor was there.
final as (
    select
        contract_lines.contract_line_id,
        {{ rated_group('actor_days') }} as group_value,
        {{ rated_window('actor_days.day_start_at') }} as window_start_at,
        cast(case actor_days.aggregation
            when 'count_distinct'
                then count(distinct actor_days.actor_id) filter (where actor_days.is_active)
            else {{ from_nanos(half_away_quotient(
                'count(distinct (actor_days.actor_id, actor_days.day_start_at)) '
                ~ 'filter (where actor_days.is_active) * cast(1000000000 as hugeint)',
                'any_value(contract_lines.full_day_count)',
            )) }}
        end as decimal(38, 9)) as quantity,
        cast(sum(actor_days.event_count) as bigint) as event_count,
        cast(sum(actor_days.event_digest) as hugeint) as event_digest
    from contract_lines
    inner join actor_days
        on
            contract_lines.tenant_id = actor_days.tenant_id
            and contract_lines.meter_id = actor_days.meter_id
            and contract_lines.rated_from_at <= actor_days.day_start_at
            and contract_lines.segment_end_at > actor_days.day_start_at
            and {{ is_listed('actor_days.environment', 'contract_lines.environments') }}
    group by
        contract_lines.contract_line_id,
        {{ rated_group('actor_days') }},
        {{ rated_window('actor_days.day_start_at') }},
        actor_days.aggregation
)

select * from final

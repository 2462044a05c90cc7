{%- set hour_start = "date_trunc('hour', metered_at)" -%}
with events as (
    select * from {{ ref('fct_usage_events') }}
),

-- The one pass over the events: what any meter may select by, and all that any of them adds up.
final as (
    select
        tenant_id,
        category,
        event_type,
        coalesce(pack_id, '(none)') as pack_id,
        environment,
        coalesce(actor_type, '(none)') as actor_type,
        coalesce(business_unit_id, '(none)') as business_unit_id,
        {{ hour_start }} as hour_start_at,
        cast(sum(quantity) as decimal(22, 9)) as quantity,
        count(*) filter (where not is_correction and not is_retracted) as event_count,
        max(net_quantity) filter (where not is_correction and not is_retracted)
            as maximum_quantity,
        sum(byte_count) as byte_count,
        sum(cast(byte_count as hugeint) * {{ microseconds_between(
            'metered_at', hour_start ~ ' + interval 1 hour'
        ) }}) as byte_microseconds,
        count(*) as source_event_count,
        {{ event_digest('event_id', 'quantity') }} as event_digest,
        max(landed_at) as last_landed_at
    from events
    group by all
)

select * from final

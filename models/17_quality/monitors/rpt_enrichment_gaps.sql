with events as (
    select * from {{ ref('fct_usage_events') }}
),

features as (
    select * from {{ ref('dim_features') }}
),

packs as (
    select * from {{ ref('dim_packs') }}
),

plan_days as (
    select * from {{ ref('fct_plan_days') }}
),

-- Few kinds of event stand for all, so that no event is looked up.
kinds as (
    select
        tenant_id,
        event_date,
        feature_id,
        pack_id,
        count(*) as event_count,
        count(*) filter (where capability_id is null) as without_capability_count,
        count(*) filter (where is_environment_assumed) as environment_assumed_count
    from events
    group by
        tenant_id,
        event_date,
        feature_id,
        pack_id
),

-- A feature or a pack that the catalogue does not know is none.
final as (
    select
        kinds.tenant_id,
        kinds.event_date,
        cast(sum(kinds.event_count) as bigint) as events_accepted,
        {% for name, found in [
            ('pack', 'packs.pack_id'),
            ('feature', 'features.feature_id'),
            ('plan', 'plan_days.plan_id'),
        ] -%}
            cast(sum(case when {{ found }} is null then kinds.event_count else 0 end) as bigint)
                as without_{{ name }}_count,
        {% endfor -%}
        cast(sum(kinds.without_capability_count) as bigint) as without_capability_count,
        cast(sum(kinds.environment_assumed_count) as bigint) as environment_assumed_count
    from kinds
    left join packs
        on kinds.pack_id = packs.pack_id
    left join features
        on kinds.feature_id = features.feature_id
    left join plan_days
        on
            kinds.tenant_id = plan_days.tenant_id
            and kinds.event_date = plan_days.plan_date
    group by
        kinds.tenant_id,
        kinds.event_date
)

select * from final

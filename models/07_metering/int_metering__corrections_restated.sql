{%- set detail_keys, distinct_keys = meter_detail_keys(), meter_distinct_keys() -%}
with corrections as (
    select * from {{ ref('fct_usage_corrections') }}
),

keyed as (
    select
        *,
        {{ class_key_of('corrected_class_key', 'corrected_metadata', detail_keys) }} as class_key
    from corrections
    where not is_correction_corrected
),

netted as (
    select
        tenant_id,
        class_key,
        corrected_event_id as event_id,
        corrected_actor_id as actor_id,
        corrected_metadata,
        corrected_quantity,
        sum(sum(correcting_quantity)) over (
            partition by corrected_event_id order by landed_at
        ) as correcting_quantity,
        sum(correcting_quantity) as added_quantity,
        row_number() over (partition by corrected_event_id order by landed_at) as correction_number,
        corrected_event_at as metered_at,
        landed_at
    from keyed
    group by
        tenant_id,
        corrected_event_id,
        class_key,
        corrected_actor_id,
        corrected_metadata,
        corrected_quantity,
        corrected_event_at,
        landed_at
),

-- The value before these corrections, and the value after.
sides as (
    select -1 as sign
    union all
    select 1 as sign
),

valued as (
    select
        netted.tenant_id,
        netted.class_key,
        netted.event_id,
        netted.actor_id,
        {{ details_of('netted.corrected_metadata', distinct_keys) }} as details,
        sides.sign,
        netted.correction_number,
        cast(
            netted.corrected_quantity + netted.correcting_quantity
            - case when sides.sign < 0 then netted.added_quantity else 0 end as decimal(38, 9)
        ) as member_quantity,
        netted.metered_at,
        netted.landed_at
    from netted
    cross join sides
),

-- What is counted, ranked or told apart is the net quantity, and nothing where it is zero.
final as (
    select
        tenant_id,
        class_key,
        event_id,
        actor_id,
        details,
        sign as weight,
        0 as source_weight,
        1 as correction_count,
        cast(0 as decimal(22, 9)) as quantity,
        member_quantity,
        cast(null as bigint) as byte_count,
        cast(0 as bigint) as event_digest,
        metered_at,
        landed_at
    from valued
    where member_quantity <> 0 or (sign < 0 and correction_number = 1)
)

select * from final

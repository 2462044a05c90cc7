with producers_silent as (
    select * from {{ ref('int_quality__producers_silent') }}
),

statements_missing as (
    select * from {{ ref('int_quality__statements_missing') }}
),

enrichment_gaps as (
    select * from {{ ref('rpt_enrichment_gaps') }}
),

metadata_keys as (
    select * from {{ ref('int_quality__metadata_keys') }}
),

metadata_keys_lost as (
    select * from {{ ref('int_quality__metadata_keys_lost') }}
),

-- An event may lack several tags; it is counted once.
untagged_days as (
    select
        tenant_id,
        event_date,
        events_accepted,
        greatest(
            without_pack_count,
            without_feature_count,
            without_capability_count,
            environment_assumed_count
        ) as untagged_count
    from enrichment_gaps
),

final as (
    {% for producer_type in ['tenant', 'source'] -%}
        select
            {{ signal(
                'silent_producer', producer_type, 'producer_id', 'last_date', '1',
                "concat('nothing for ', age_days, ' days, where ', longest_gap_days, ' was the longest')",
                age_days='age_days'
            ) }}
        from producers_silent
        where producer_type = '{{ producer_type }}'
        union all
    {% endfor -%}
    select
        {{ signal(
            'statement_gap', 'provider', 'provider', 'cost_month', '1',
            "concat('no row of ', cost_month)", age_days='age_days'
        ) }}
    from statements_missing
    union all
    select
        {{ signal(
            'missing_usage_tag', 'tenant', 'tenant_id', 'event_date', 'untagged_count',
            "concat(untagged_count, ' of ', events_accepted, ' events')", population='events_accepted'
        ) }}
    from untagged_days
    where untagged_count > 0
    union all
    select
        {{ signal(
            'schema_drift', 'metadata_key', "concat_ws('.', category, event_type, metadata_key)",
            'cast(first_landed_at as date)', 'event_count',
            "concat(value_type, ', first seen ', age_days, ' days after the first event of its type')",
            age_days='age_days'
        ) }}
    from metadata_keys
    union all
    select
        {{ signal(
            'lost_metadata_key', 'metadata_key', "concat_ws('.', category, event_type, metadata_key)",
            'cast(last_landed_at as date)', 'batch_count',
            "concat('not seen for ', age_days, ' days, and in all of ', batch_count, ' batches before')",
            age_days='age_days'
        ) }}
    from metadata_keys_lost
)

select * from final

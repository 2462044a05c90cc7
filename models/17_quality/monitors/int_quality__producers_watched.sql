with producers_silent as (
    select * from {{ ref('int_quality__producers_silent') }}
),

statements_missing as (
    select * from {{ ref('int_quality__statements_missing') }}
),

metadata_keys as (
    select * from {{ ref('int_quality__metadata_keys') }}
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
            'schema_drift', 'metadata_key', "concat_ws('.', category, event_type, metadata_key)",
            'cast(first_landed_at as date)', 'event_count',
            "concat(value_type, ', first seen ', age_days, ' days after the first event of its type')",
            age_days='age_days'
        ) }}
    from metadata_keys
)

select * from final

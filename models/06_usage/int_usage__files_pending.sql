with files as (
    select * from {{ ref('stg_landing__files') }}
),

-- Lines are read until both models that need their text have them.
final as (
    select
        landed_file,
        file_format,
        landed_at
    from files
    where
        source_folder = 'usage_events'
        and (
            landed_at >= {{ first_pending_at(
                'usage_events', usage_fingerprint(), 'fct_landed_events'
            ) }}
            or landed_at >= {{ first_pending_at(
                'fct_landed_events', model_name='fct_rejected_events'
            ) }}
        )
)

select * from final

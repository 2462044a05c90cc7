with signals_stacked as (
    select * from {{ ref('int_quality__signals_stacked') }}
),

monitors as (
    select * from {{ ref('stg_catalogue__quality_monitors') }}
),

-- What the catalogue does not ask for does not count; a threshold that it leaves empty is none.
final as (
    select
        signals_stacked.monitor,
        signals_stacked.subject_type,
        signals_stacked.subject_id,
        signals_stacked.seen_date,
        min(signals_stacked.evidence) as evidence,
        cast(sum(signals_stacked.occurrence_count) as bigint) as occurrence_count
    from signals_stacked
    inner join monitors
        on signals_stacked.monitor = monitors.monitor
    where
        monitors.severity <> 'off'
        and signals_stacked.occurrence_count >= coalesce(monitors.minimum_count, 1)
        and coalesce(
            signals_stacked.occurrence_count
            >= monitors.minimum_ratio * cast(signals_stacked.population_count as decimal(18, 0)),
            true
        )
        and coalesce(signals_stacked.age_days >= monitors.minimum_age_days, true)
        and coalesce(signals_stacked.score >= monitors.minimum_score, true)
    group by
        signals_stacked.monitor,
        signals_stacked.subject_type,
        signals_stacked.subject_id,
        signals_stacked.seen_date
)

select * from final

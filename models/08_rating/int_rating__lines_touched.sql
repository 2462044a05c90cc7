with closed as (
    select * from {{ ref('int_rating__lines_closed') }}
),

terms_corrected as (
    select * from {{ ref('int_rating__terms_corrected') }}
),

late as (
    select * from {{ ref('int_rating__usage_late') }}
),

corrected as (
    select
        closed.*,
        terms_corrected.effective_from_at,
        terms_corrected.known_to_at
    from {{ ref('int_rating__lines_closed') }} as closed
    inner join terms_corrected
        on
            closed.plan_line_id = terms_corrected.plan_line_id
            and closed.plan_version_id = terms_corrected.plan_version_id
            and closed.closed_at < terms_corrected.known_to_at
),

period_starts as (
    select
        billing_period_id,
        line_code,
        min(segment_start_at) as period_from_at
    from {{ ref('int_rating__lines_closed') }}
    where billing_period_id in (select corrected.billing_period_id from corrected)
    group by
        billing_period_id,
        line_code
),

-- A line is rated by the batch that closes its segment, and again for each later one that brings
-- something: for what is rated with it, or where a level is held for all before. Of a price that
-- cuts a period after the fact the parts are new, and have no former price.
touched as (
    select
        closed.contract_line_id,
        closed.closed_at,
        late.landed_at as known_from_at,
        case when late.correction_count > 0 then 'correction' else 'late_events' end as reason
    from closed
    inner join late
        on
            closed.tenant_id = late.tenant_id
            and closed.meter_id = late.meter_id
            and closed.segment_end_at > late.metered_at
            and (late.is_carried or closed.rated_from_at <= late.metered_at)
            and {{ is_listed('late.environment', 'closed.environments') }}
            and closed.closed_at < late.landed_at
    union all
    select
        corrected.contract_line_id,
        corrected.closed_at,
        corrected.known_to_at as known_from_at,
        'price_corrected' as reason
    from corrected
    inner join period_starts
        on
            corrected.billing_period_id = period_starts.billing_period_id
            and corrected.line_code = period_starts.line_code
            and corrected.effective_from_at <= period_starts.period_from_at
),

-- Of several reasons, the one that tells most.
final as (
    select
        contract_line_id,
        closed_at,
        known_from_at,
        max_by(
            reason,
            case reason when 'price_corrected' then 3 when 'correction' then 2 else 1 end
        ) as reason
    from touched
    group by
        contract_line_id,
        closed_at,
        known_from_at
)

select * from final

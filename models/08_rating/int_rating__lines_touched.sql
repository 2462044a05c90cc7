with contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
    where line_kind = 'usage'
),

unit_grants as (
    select * from {{ ref('dim_unit_grants') }}
),

terms_corrected as (
    select * from {{ ref('int_rating__terms_corrected') }}
),

segments_closed as (
    select * from {{ ref('int_rating__segments_closed') }}
),

late as (
    select * from {{ ref('int_rating__usage_late') }}
),

-- What was drawn from grants is known of the present only, and so is what draws from them. Of a
-- price that cuts a period after the fact the parts are new, and have no former price.
closed as (
    select
        contract_lines.*,
        min(contract_lines.segment_start_at) over (
            partition by contract_lines.billing_period_id, contract_lines.line_code
        ) as period_from_at,
        segments_closed.closed_at
    from contract_lines
    inner join segments_closed
        on contract_lines.segment_end_at = segments_closed.segment_end_at
    where contract_lines.contract_id not in (select unit_grants.contract_id from unit_grants)
),

-- A line is rated by the batch that closes its segment, and again for each later one that brings
-- something: for what is rated with it, or where a level is held for all before.
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
        closed.contract_line_id,
        closed.closed_at,
        terms_corrected.known_to_at as known_from_at,
        'price_corrected' as reason
    from closed
    inner join terms_corrected
        on
            closed.plan_line_id = terms_corrected.plan_line_id
            and closed.plan_version_id = terms_corrected.plan_version_id
            and closed.closed_at < terms_corrected.known_to_at
            and closed.period_from_at >= terms_corrected.effective_from_at
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

{%- set history = 'partition by present_line_id, group_value order by known_from_at' -%}
{%- set rated -%}
    row(
        quantity, billable_quantity, event_count, event_digest, gross_amount, discount_amount,
        already_rated_amount, net_amount
    )
{%- endset -%}
with lines_known as (
    select * from {{ ref('int_rating__lines_known') }}
),

parts_netted as (
    select * from {{ ref('int_rating__parts_netted') }}
),

placed as (
    select
        parts_netted.*,
        lines_known.present_line_id,
        lines_known.reason,
        lines_known.known_from_at,
        lines_known.known_to_at
    from parts_netted
    inner join lines_known
        on parts_netted.contract_line_id = lines_known.contract_line_id
),

-- A group that a later batch leaves nothing of comes to nothing from then on.
withdrawn as (
    select *
    from placed
    qualify lead(contract_line_id) over ({{ history }}) is null and known_to_at is not null
),

together as (
    select * from placed
    union all
    select
        * replace (
            present_line_id as contract_line_id,
            cast(0 as decimal(38, 9)) as quantity,
            cast(0 as decimal(38, 9)) as billable_quantity,
            cast(0 as bigint) as event_count,
            cast(0 as hugeint) as event_digest,
            cast(0 as decimal(38, 18)) as gross_amount,
            cast(0 as decimal(38, 18)) as discount_amount,
            cast(0 as decimal(38, 18)) as already_rated_amount,
            cast(0 as decimal(38, 18)) as net_amount,
            'withdrawn' as reason,
            known_to_at as known_from_at
        )
    from withdrawn
),

compared as (
    select
        *,
        lag(contract_line_id) over line_history is null
        or {{ rated }} is distinct from lag({{ rated }}) over line_history as is_changed
    from together
    window line_history as ({{ history }})
),

counted as (
    select
        *,
        sum(case when is_changed then 1 else 0 end) over ({{ history }}) as version
    from compared
),

-- A batch that changes nothing makes no version; the present state stands for the version that it
-- leaves as it was.
kept as (
    select
        * replace (
            first_value(reason) over same_version as reason,
            first_value(known_from_at) over same_version as known_from_at
        )
    from counted
    window
        same_version as (
            partition by present_line_id, group_value, version order by known_from_at
        )
    qualify lead(version) over ({{ history }}) is distinct from version
),

final as (
    select
        contract_line_id,
        present_line_id,
        group_value,
        cast(version as integer) as version,
        lead(version) over line_history is null as is_current,
        reason,
        dimensions,
        quantity,
        allowance_quantity,
        billable_quantity,
        event_count,
        event_digest,
        gross_amount,
        discount_amount,
        already_rated_amount,
        net_amount,
        cast(net_amount - lag(net_amount, 1, 0) over line_history as decimal(38, 18))
            as delta_net_amount,
        known_from_at
    from kept
    window line_history as (partition by present_line_id, group_value order by version)
)

select * from final

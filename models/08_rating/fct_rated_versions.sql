{%- set history = 'partition by present_line_id, group_value order by known_from_at' -%}
{%- set measures = [
    'dimensions', 'quantity', 'allowance_quantity', 'billable_quantity', 'event_count',
    'event_digest', 'gross_amount', 'discount_amount', 'already_rated_amount', 'net_amount',
] -%}
{%- set amounts -%}
    row(
        quantity, billable_quantity, event_count, event_digest, gross_amount,
        discount_amount, already_rated_amount, net_amount
    )
{%- endset -%}
with rated_once as (
    select * from {{ ref('int_rating__parts_netted') }}
    where not is_rerated
),

rated_again as (
    select * from {{ ref('int_rating__parts_netted') }}
    where is_rerated
),

ended as (
    select
        *,
        known_to_at is not null and lead(contract_line_id) over ({{ history }}) is null
            as is_withdrawn
    from rated_again
),

-- A group that a later batch leaves nothing of comes to nothing from then on.
together as (
    select * from ended
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
    from ended
    where is_withdrawn
),

compared as (
    select
        *,
        {{ amounts }} as amounts,
        lag({{ amounts }}) over ({{ history }}) as former_amounts
    from together
),

counted as (
    select
        *,
        sum(case when amounts is distinct from former_amounts then 1 else 0 end)
            over ({{ history }}) as version
    from compared
),

-- A batch that changes nothing makes no version; the present state stands for the version that it
-- leaves as it was.
dated as (
    select
        * replace (
            first_value(reason) over same_version as reason,
            first_value(known_from_at) over same_version as known_from_at
        ),
        lead(version) over ({{ history }}) as next_version
    from counted
    window
        same_version as (
            partition by present_line_id, group_value, version order by known_from_at
        )
),

-- Nearly all lines are rated once; only the others are looked through for what changed.
final as (
    select
        contract_line_id,
        present_line_id,
        group_value,
        1 as version,
        true as is_current,
        reason,
        {% for column in measures -%}
            {{ column }},
        {% endfor -%}
        net_amount as delta_net_amount,
        known_from_at
    from rated_once
    union all
    select
        contract_line_id,
        present_line_id,
        group_value,
        cast(version as integer) as version,
        lead(version) over line_history is null as is_current,
        reason,
        {% for column in measures -%}
            {{ column }},
        {% endfor -%}
        cast(net_amount - lag(net_amount, 1, 0) over line_history as decimal(38, 18))
            as delta_net_amount,
        known_from_at
    from dated
    where version is distinct from next_version
    window line_history as (partition by present_line_id, group_value order by version)
)

select * from final

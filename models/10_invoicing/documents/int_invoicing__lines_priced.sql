with periods_billed as (
    select * from {{ ref('fct_periods_billed') }}
    where drafted_version is not null
),

charges as (
    select * from {{ ref('fct_charges') }}
),

locks as (
    select * from {{ ref('fct_locks') }}
),

locked_charges as (
    select * from {{ ref('fct_locked_charges') }}
),

drafts as (
    select
        periods_billed.billing_period_id,
        periods_billed.drafted_version as version,
        locks.lock_id
    from periods_billed
    left join locks
        on
            periods_billed.billing_period_id = locks.billing_period_id
            and periods_billed.drafted_version = locks.version
),

-- What is locked is invoiced as it was when it was locked; until then, as it is now.
charged as (
    {% for source in ['charges', 'locked_charges'] -%}
        select
            drafts.version,
            drafts.lock_id,
            {{ source }}.* exclude (
                {{- 'lock_id, ' if source == 'locked_charges' -}}
                contract_id, tenant_id -- noqa: RF02
            )
        from drafts
        inner join {{ source }}
            on
                {% if source == 'charges' -%}
                    drafts.lock_id is null
                    and drafts.billing_period_id = charges.billing_period_id
                {%- else -%}
                    drafts.lock_id = locked_charges.lock_id
                {%- endif %}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        billing_period_id,
        version,
        lock_id,
        charge_key,
        charge_id,
        row_number() over (
            partition by billing_period_id
            order by
                pack_id, line_type, plan_line_id, segment_start_at, description, charge_id
        ) as line_number,
        line_type,
        line_code,
        pack_id,
        plan_line_id,
        description,
        quantity,
        unit_price,
        exact_amount,
        amount,
        reason,
        segment_start_at,
        segment_end_at,
        rated_usage_id,
        receipt_id
    from charged
)

select * from final

{%- set described = [
    'billing_period_id', 'charge_key', 'charge_id', 'line_type', 'line_code', 'pack_id',
    'plan_line_id', 'description', 'segment_start_at', 'segment_end_at',
] -%}
with periods_billed as (
    select * from {{ ref('fct_periods_billed') }}
),

locks as (
    select * from {{ ref('fct_locks') }}
),

charges as (
    select * from {{ ref('fct_charges') }}
),

billed as (
    select * from {{ ref('int_invoicing__charges_billed') }}
),

asked_for as (
    select
        periods_billed.billing_period_id,
        periods_billed.contract_id,
        periods_billed.invoice_id,
        coalesce(periods_billed.drafted_version, periods_billed.live_version) as version,
        periods_billed.drafted_version is null as is_issued
    from periods_billed
    left join locks
        on
            periods_billed.billing_period_id = locks.billing_period_id
            and periods_billed.drafted_version = locks.version
    where
        locks.lock_id is not null
        or (periods_billed.live_version is not null and periods_billed.drafted_version is null)
),

present as (
    select charges.*
    from charges
    inner join asked_for
        on charges.billing_period_id = asked_for.billing_period_id
),

compared as (
    select
        {% for column in described -%}
            coalesce(present.{{ column }}, billed.{{ column }}) as {{ column }},
        {% endfor -%}
        coalesce(present.exact_amount, 0) - coalesce(billed.exact_amount, 0) as exact_amount,
        coalesce(present.amount, 0) - coalesce(billed.amount, 0) as amount,
        case
            when present.charge_key is null then 'no_longer_charged'
            when billed.charge_key is null then 'newly_charged'
            else coalesce(present.reason, 'terms_changed')
        end as reason,
        present.rated_usage_id,
        present.receipt_id
    from present
    full join billed
        on
            present.billing_period_id = billed.billing_period_id
            and present.charge_key = billed.charge_key
),

-- What an invoice asked for, or is locked to ask for, and what is due by now differ by this; the
-- invoice stays as it is.
final as (
    select
        compared.billing_period_id,
        asked_for.contract_id,
        asked_for.invoice_id,
        asked_for.version,
        asked_for.is_issued,
        compared.charge_key,
        compared.charge_id,
        compared.line_type,
        compared.line_code,
        compared.pack_id,
        compared.plan_line_id,
        compared.description,
        cast(compared.exact_amount as decimal(38, 18)) as exact_amount,
        cast(compared.amount as decimal(22, 4)) as amount,
        compared.reason,
        compared.segment_start_at,
        compared.segment_end_at,
        compared.rated_usage_id,
        compared.receipt_id
    from compared
    inner join asked_for
        on compared.billing_period_id = asked_for.billing_period_id
    where compared.amount <> 0
)

select * from final

{%- set number = '([0-9]+(?:[.][0-9]+)?(?:[eE][+-]?[0-9]{1,3})?)' -%}
with usage_events as (
    select * from {{ ref('fct_usage_events') }}
    where event_type = 'external_api_call'
),

corrections as (
    select * from {{ ref('fct_usage_corrections') }}
),

opened as (
    select
        cast(date_trunc('month', usage_events.metered_at) as date) as usage_month,
        usage_events.tenant_id,
        usage_events.pack_id,
        usage_events.quantity,
        {{ json_pairs('usage_events.metadata') }} as metadata,
        {{ json_pairs('corrections.corrected_metadata') }} as corrected_metadata
    from usage_events
    left join corrections
        on usage_events.event_id = corrections.correcting_event_id
),

-- A correction that says nothing of its own is hinted like what it corrects.
hinted as (
    select
        usage_month,
        tenant_id,
        pack_id,
        quantity,
        coalesce(metadata['sku'], corrected_metadata['sku']) as hint_sku,
        coalesce(metadata['provider'], corrected_metadata['provider']) as named_provider,
        coalesce(metadata['cost_hint'], corrected_metadata['cost_hint']) as cost_hint_text
    from opened
),

-- Calls are many and hints are few, so each is read once.
counted as (
    select
        usage_month,
        tenant_id,
        pack_id,
        {{ text_or_null('hint_sku') }} as hint_sku,
        {{ text_or_null('named_provider') }} as named_provider,
        {{ text_or_null('cost_hint_text') }} as cost_hint_text,
        count(*) as event_count,
        cast(sum(quantity) as decimal(38, 9)) as quantity
    from hinted
    group by
        usage_month,
        tenant_id,
        pack_id,
        {{ text_or_null('hint_sku') }},
        {{ text_or_null('named_provider') }},
        {{ text_or_null('cost_hint_text') }}
),

unfolded as (
    select
        *,
        upper(cost_hint_text) as hint_text,
        {{ json_pairs('cost_hint_text') }} as hint
    from counted
),

-- An amount and a currency, in either order, or an object that names them.
parted as (
    select
        *,
        coalesce(
            hint['amount'],
            nullif(regexp_extract(hint_text, '^{{ number }} *[A-Z]{3}$', 1), ''),
            nullif(regexp_extract(hint_text, '^[A-Z]{3} *{{ number }}$', 1), '')
        ) as amount_text,
        coalesce(
            upper(trim(hint['currency'])),
            nullif(regexp_extract(hint_text, '^{{ number }} *([A-Z]{3})$', 2), ''),
            nullif(regexp_extract(hint_text, '^([A-Z]{3}) *{{ number }}$', 1), '')
        ) as currency_code
    from unfolded
),

read as (
    select
        *,
        {{ parse_exact_decimal('trim(amount_text)', 22, 9) }} as amount
    from parted
),

-- A price has at most seven digits before the point.
judged as (
    select
        *,
        coalesce(
            amount >= 0 and amount < 10000000 and regexp_full_match(currency_code, '[A-Z]{3}'),
            false
        ) as is_readable
    from read
),

final as (
    select
        usage_month,
        coalesce(hint_sku, '(none)') as hint_sku,
        coalesce(named_provider, {{ text_or_null("hint['provider']") }}, '(none)') as hint_provider,
        tenant_id,
        coalesce(pack_id, '(none)') as pack_id,
        cost_hint_text,
        currency_code,
        is_readable,
        event_count,
        quantity,
        case when is_readable then cast(amount as decimal(16, 9)) end as unit_amount
    from judged
)

select * from final

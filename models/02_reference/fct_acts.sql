{#- The files of the catalogue whose rows change money, and how each names what it is about: its own
    subject, and what it is a part of. A decision about either covers the row. A file may also say
    its currency, amount and ratio. -#}
{%- set of_either = {
    'whole_type': "case when contract_id is not null then 'contract'"
        ~ " when plan_version_id is not null then 'price_plan' end",
    'whole_id': 'coalesce(contract_id, plan_version_id)',
} -%}
{%- set catalogue = {
    'plan_versions': {
        'action': 'change_price_plan', 'key': 'plan_version_id',
        'subject_type': 'price_plan', 'whole_type': "'price_plan'", 'whole_id': 'plan_id',
    },
    'contracts': {
        'action': 'amend_contract', 'key': 'contract_id',
        'subject_type': 'contract', 'whole_type': "'tenant'", 'whole_id': 'tenant_id',
    },
    'contract_overrides': {
        'action': 'amend_contract', 'key': contract_range_key('line_code'),
        'subject_type': 'contract_line', 'whole_type': "'contract'", 'whole_id': 'contract_id',
    },
    'contract_plan_changes': {
        'action': 'amend_contract', 'key': contract_range_key('plan_id'),
        'subject_type': 'plan_change', 'whole_type': "'contract'", 'whole_id': 'contract_id',
    },
    'interim_closes': {
        'action': 'amend_contract', 'key': contract_range_key("'close'", 'closes_at'),
        'subject_type': 'interim_close', 'whole_type': "'contract'", 'whole_id': 'contract_id',
    },
    'commitments': dict(
        of_either, action='amend_contract', key='commitment_id', subject_type='commitment',
        currency='currency_code', amount='cast(amount as decimal(22, 9))',
    ),
    'discounts': dict(
        of_either, action='apply_discount', key='discount_id', subject_type='discount',
        ratio='discount_ratio',
    ),
    'unit_grants': {
        'action': 'grant_credit', 'key': 'grant_id',
        'subject_type': 'grant', 'whole_type': "'contract'", 'whole_id': 'contract_id',
    },
} -%}
with actions as (
    select * from {{ ref('fct_actions') }}
),

{% for file in catalogue -%}
    {{ file }} as (
        select * from {{ ref('stg_catalogue__' ~ file) }}
    ),

{% endfor -%}
acts as (
    select
        'actions' as act_source,
        action_id as act_key,
        action,
        actor_id,
        subject_type,
        subject_id,
        cast(null as varchar) as whole_type,
        cast(null as varchar) as whole_id,
        policy_decision_id,
        currency_code,
        act_amount,
        act_ratio,
        acted_at,
        landed_file,
        line_number,
        landed_at as known_from_at
    from actions
    where action <> 'approve'
    {%- for file, named in catalogue.items() %}
        union all
        select
            '{{ file }}' as act_source,
            {{ named.key }} as act_key,
            '{{ named.action }}' as action,
            cast(null as varchar) as actor_id,
            '{{ named.subject_type }}' as subject_type,
            {{ named.subject_id or named.key }} as subject_id,
            {{ named.whole_type }} as whole_type,
            {{ named.whole_id }} as whole_id,
            policy_decision_id,
            {{ named.currency or 'cast(null as varchar)' }} as currency_code,
            {{ named.amount or 'cast(null as decimal(22, 9))' }} as act_amount,
            {{ named.ratio or 'cast(null as decimal(16, 9))' }} as act_ratio,
            recorded_at as acted_at,
            cast(null as varchar) as landed_file,
            cast(null as bigint) as line_number,
            recorded_at as known_from_at
        from {{ file }}
    {%- endfor %}
),

final as (
    select
        concat(act_source, ':', act_key) as act_id,
        act_source,
        act_key,
        action,
        actor_id,
        subject_type,
        subject_id,
        whole_type,
        whole_id,
        policy_decision_id,
        currency_code,
        act_amount,
        act_ratio,
        acted_at,
        landed_file,
        line_number,
        known_from_at
    from acts
)

select * from final

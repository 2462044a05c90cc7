{#- The files of the catalogue whose rows change money, and how each names what it is about: its own
    subject, and what it is a part of. A decision about either covers the row. A file may also say
    its currency, amount and ratio. -#}
{%- set of_contract = {'whole_type': "'contract'", 'whole_id': 'contract_id'} -%}
{%- set of_either = {
    'whole_type': "case when contract_id is not null then 'contract'"
        ~ " when plan_version_id is not null then 'price_plan' end",
    'whole_id': 'coalesce(contract_id, plan_version_id)',
} -%}
{%- set catalogue = {
    'plan_versions': dict(
        action='change_price_plan', key='plan_version_id', subject_type='price_plan',
        whole_type="'price_plan'", whole_id='plan_id',
    ),
    'contracts': dict(
        action='amend_contract', key='contract_id', subject_type='contract',
        whole_type="'tenant'", whole_id='tenant_id',
    ),
    'billing_terms': dict(
        of_contract, action='amend_contract', key=contract_range_key("'billing'"),
        subject_type='billing_terms',
    ),
    'contract_overrides': dict(
        of_contract, action='amend_contract', key=contract_range_key('line_code'),
        subject_type='contract_line',
    ),
    'contract_quantities': dict(
        of_contract, action='amend_contract', key=contract_range_key('line_code'),
        subject_type='contract_line',
    ),
    'contract_plan_changes': dict(
        of_contract, action='amend_contract', key=contract_range_key('plan_id'),
        subject_type='plan_change',
    ),
    'interim_closes': dict(
        of_contract, action='amend_contract', key=contract_range_key("'close'", 'closes_at'),
        subject_type='interim_close',
    ),
    'commitments': dict(
        of_either, action='amend_contract', key='commitment_id', subject_type='commitment',
        currency='currency_code', amount='cast(amount as decimal(22, 9))',
    ),
    'time_of_day_commitments': dict(
        of_contract, action='amend_contract', key='commitment_id', subject_type='commitment',
    ),
    'tenant_families': dict(
        action='amend_contract', key="concat_ws(':', family_id, tenant_id, effective_from_at)",
        subject_type='tenant_family', whole_type="'tenant'", whole_id='tenant_id',
    ),
    'discounts': dict(
        of_either, action='apply_discount', key='discount_id', subject_type='discount',
        ratio='discount_ratio',
    ),
    'coupons': dict(
        of_contract, action='apply_discount', key='coupon_id', subject_type='coupon',
        currency='currency_code', amount='cast(fixed_amount as decimal(22, 9))',
        ratio='coupon_ratio',
    ),
    'volume_rebates': dict(
        of_contract, action='apply_discount', key="concat(rebate_id, ':', tier_number)",
        subject_type='volume_rebate',
    ),
    'unit_grants': dict(
        of_contract, action='grant_credit', key='grant_id', subject_type='grant',
    ),
    'credit_grants': dict(
        action='grant_credit', key='grant_id', subject_type='credit_grant',
        whole_type="case when contract_id is not null then 'contract' else 'tenant' end",
        whole_id='coalesce(contract_id, tenant_id)',
        currency='currency_code', amount='cast(amount as decimal(22, 9))',
    ),
    'tax_terms': dict(
        of_contract, action='amend_contract', key='contract_id', subject_type='tax_terms',
    ),
} -%}
with

{% for file in catalogue -%}
    {{ file }} as (
        select * from {{ ref('stg_catalogue__' ~ file) }}
    ),

{% endfor -%}
final as (
    {% for file, named in catalogue.items() -%}
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
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final

with catalogued as (
    select * from {{ ref('stg_catalogue__credit_grants') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

actions_allowed as (
    select * from {{ ref('fct_actions_allowed') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

currencies as (
    select * from {{ ref('dim_currencies') }}
),

-- A list in a payload is read as the catalogue writes it: fee|usage.
granted as (
    select
        catalogued.grant_id,
        'catalogue' as grant_source,
        catalogued.tenant_id,
        catalogued.contract_id,
        catalogued.currency_code,
        catalogued.grant_kind,
        catalogued.line_types,
        catalogued.priority,
        catalogued.amount,
        catalogued.effective_at,
        catalogued.expires_at,
        catalogued.recorded_at,
        catalogued.policy_decision_id
    from catalogued
    inner join policy_effects
        on
            policy_effects.act_source = 'credit_grants'
            and catalogued.grant_id = policy_effects.act_key
            and policy_effects.is_in_force
    union all
    select
        action_id as grant_id,
        'actions' as grant_source,
        case when subject_type = 'tenant' then subject_id end as tenant_id,
        case when subject_type = 'contract' then subject_id end as contract_id,
        currency_code,
        coalesce({{ json_value('payload', "'kind'") }}, 'granted') as grant_kind,
        nullif(replace(regexp_replace(
            {{ json_value('payload', "'line_types'") }}, '[^a-z_,|]', '', 'g'
        ), ',', '|'), '') as line_types,
        coalesce(try_cast({{ json_value('payload', "'priority'") }} as integer), 0) as priority,
        act_amount as amount,
        coalesce({{ parse_instant(json_value('payload', "'effective_at'")) }}, acted_at)
            as effective_at,
        case
            when {{ json_value('payload', "'expires_at'") }} is null
                then cast('9999-12-31' as timestamp)
            else {{ parse_instant(json_value('payload', "'expires_at'")) }}
        end as expires_at,
        acted_at as recorded_at,
        policy_decision_id
    from actions_allowed
    where action = 'grant_credit'
),

-- The catalogue is checked before it is built; an action that cannot be used is listed with the
-- first reason that holds.
final as (
    select
        granted.grant_id,
        granted.grant_source,
        coalesce(tenants.tenant_id, contracts.tenant_id) as tenant_id,
        contracts.contract_id,
        granted.currency_code,
        granted.grant_kind,
        granted.line_types,
        granted.priority,
        granted.amount,
        granted.effective_at,
        granted.expires_at,
        granted.recorded_at,
        case
            when coalesce(tenants.tenant_id, contracts.tenant_id) is null then 'unknown_subject'
            when currencies.minor_unit is null then 'unknown_currency'
            when granted.currency_code <> contracts.currency_code then 'currency_of_contract'
            when coalesce(granted.amount <= 0, true) then 'missing_amount'
            when granted.amount <> {{ round_money('granted.amount', 'currencies.minor_unit') }}
                then 'no_minor_units'
            when granted.grant_kind not in ('granted', 'purchased') then 'unknown_kind'
            when not regexp_full_match(
                coalesce(granted.line_types, 'fee'),
                '((fee|usage|commitment|adjustment|sla_credit)(\||$))+'
            ) then 'unknown_line_type'
            when coalesce(granted.expires_at <= granted.effective_at, true) then 'never_in_force'
        end as reason,
        granted.policy_decision_id
    from granted
    left join contracts
        on granted.contract_id = contracts.contract_id
    left join tenants
        on granted.tenant_id = tenants.tenant_id
    left join currencies
        on granted.currency_code = currencies.currency_code
)

select * from final

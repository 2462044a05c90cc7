with contracts as (
    select * from {{ ref('stg_catalogue__contracts') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

currencies as (
    select * from {{ ref('dim_currencies') }}
),

issuing_entities as (
    select * from {{ ref('dim_issuing_entities') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

renewals as (
    select * from {{ ref('int_contracts__terms_renewed') }}
),

-- A contract that no decision allows changes no money.
final as (
    select
        contracts.contract_id,
        contracts.tenant_id,
        contracts.plan_id,
        contracts.contract_type,
        contracts.currency_code,
        contracts.issuing_entity_id,
        issuing_entities.entity_name as issuing_entity_name,
        contracts.billing_interval,
        tenants.is_internal,
        currencies.minor_unit,
        contracts.payment_terms_days,
        contracts.start_date,
        contracts.end_date as agreed_end_date,
        coalesce(renewals.renewed_end_date, contracts.end_date) as end_date,
        contracts.recorded_at,
        contracts.policy_decision_id
    from contracts
    inner join policy_effects
        on
            policy_effects.act_source = 'contracts'
            and contracts.contract_id = policy_effects.act_key
            and policy_effects.is_in_force
    inner join tenants
        on contracts.tenant_id = tenants.tenant_id
    inner join currencies
        on contracts.currency_code = currencies.currency_code
    left join issuing_entities
        on contracts.issuing_entity_id = issuing_entities.issuing_entity_id
    left join renewals
        on contracts.contract_id = renewals.contract_id
)

select * from final

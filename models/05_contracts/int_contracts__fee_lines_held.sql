with contracts as (
    select * from {{ ref('dim_contracts') }}
),

terms as (
    select
        *,
        {{ civil_date('from_at', 'time_zone') }} as start_date,
        {{ civil_date('to_at', 'time_zone') }} as end_date
    from {{ ref('int_contracts__terms_held') }}
),

adopted as (
    select
        *,
        cast(adopted_from_at as date) as adopted_from_date,
        cast(adopted_to_at as date) as adopted_to_date
    from {{ ref('int_contracts__versions_adopted') }}
),

plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
    where line_kind = 'fee'
),

contract_packs as (
    select * from {{ ref('dim_contract_packs') }}
),

-- Up to the end of its trial a contract has the lines, and pays nothing for them.
parts as (
    select
        contract_id,
        true as is_trial,
        start_date as part_from_date,
        {{ earlier_of('fees_from_date', 'end_date') }} as part_to_date
    from terms
    union all
    select
        contract_id,
        false as is_trial,
        {{ later_of('fees_from_date', 'start_date') }} as part_from_date,
        end_date as part_to_date
    from terms
),

held as (
    select
        parts.*,
        adopted.plan_version_id,
        adopted.policy_decision_id,
        adopted.recorded_at,
        {{ later_of('parts.part_from_date', 'adopted.adopted_from_date') }} as from_date,
        {{ earlier_of('parts.part_to_date', 'adopted.adopted_to_date') }} as to_date
    from parts
    inner join adopted
        on parts.contract_id = adopted.contract_id
),

final as (
    select
        held.contract_id,
        contracts.tenant_id,
        held.plan_version_id,
        plan_lines.plan_line_id,
        plan_lines.line_code,
        contracts.currency_code,
        contracts.is_internal,
        held.is_trial,
        held.from_date,
        held.to_date,
        {{ later_of('contracts.recorded_at', 'held.recorded_at') }} as recorded_at,
        held.policy_decision_id
    from held
    inner join contracts
        on held.contract_id = contracts.contract_id
    inner join plan_lines
        on held.plan_version_id = plan_lines.plan_version_id
    inner join contract_packs
        on
            held.contract_id = contract_packs.contract_id
            and plan_lines.pack_id = contract_packs.pack_id
    where held.from_date < held.to_date
)

select * from final

with segments as (
    select * from {{ ref('fct_contract_segments') }}
    where has_usage
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

days as (
    select
        segments.tenant_id,
        cast(unnest(generate_series(
            segments.segment_start_date,
            segments.segment_end_date - interval 1 day,
            interval 1 day
        )) as date) as plan_date,
        segments.contract_id,
        contracts.plan_id,
        segments.plan_version_id,
        contracts.start_date
    from segments
    inner join contracts
        on segments.contract_id = contracts.contract_id
),

-- Where two contracts of a tenant are in force, the one that began last says what the tenant's plan
-- is.
ranked as (
    select
        *,
        row_number() over (
            partition by tenant_id, plan_date
            order by start_date desc, contract_id asc
        ) as contract_number
    from days
),

final as (
    select
        tenant_id,
        plan_date,
        contract_id,
        plan_id,
        plan_version_id
    from ranked
    where contract_number = 1
)

select * from final

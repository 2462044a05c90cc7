with volume_rebates as (
    select * from {{ ref('dim_volume_rebates') }}
),

rated_usage as (
    select * from {{ ref('fct_rated_usage') }}
),

rebates as (
    select distinct
        rebate_id,
        contract_id,
        line_code,
        start_date,
        end_date
    from volume_rebates
),

-- An amount that is unknown makes that of its month unknown.
final as (
    select
        rebates.rebate_id,
        rated_usage.period_month,
        cast(sum(rated_usage.billable_quantity) as decimal(22, 9)) as billable_quantity,
        cast(
            case when count(*) = count(rated_usage.net_amount) then sum(rated_usage.net_amount) end
            as decimal(38, 18)
        ) as net_amount
    from rebates
    inner join rated_usage
        on
            rebates.contract_id = rated_usage.contract_id
            and concat(rated_usage.plan_version_id, ':', rebates.line_code)
            = rated_usage.plan_line_id
            and rebates.start_date <= rated_usage.period_month
            and rebates.end_date > rated_usage.period_month
    where
        rated_usage.is_current
        and rated_usage.contract_line_id is not null
    group by
        rebates.rebate_id,
        rated_usage.period_month
)

select * from final

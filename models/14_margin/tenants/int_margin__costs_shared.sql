with lines_stacked as (
    select * from {{ ref('int_margin__lines_stacked') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

costs as (
    select
        revenue_basis,
        tenant_id,
        period_month,
        line_side,
        cost_category,
        {{ sum_of_known('amount_usd') }} as amount_usd
    from lines_stacked
    where line_side <> 'revenue'
    group by
        revenue_basis,
        tenant_id,
        period_month,
        line_side,
        cost_category
),

-- What is rated is the weight on every basis, so that a cost lies in the same place on each.
rated as (
    select
        contract_id,
        period_month,
        true as has_revenue,
        {{ sum_of_known('amount_usd') }} as rated_usd
    from lines_stacked
    where revenue_basis = 'rated' and line_side = 'revenue'
    group by
        contract_id,
        period_month
),

placed as (
    select
        costs.*,
        coalesce(contracts.contract_id, '(none)') as contract_id,
        rated.has_revenue and rated.rated_usd is null as is_unknown,
        cast(round(greatest(coalesce(rated.rated_usd, 0), 0), 6) * 1000000 as hugeint) as micros
    from costs
    left join contracts
        on
            costs.tenant_id = contracts.tenant_id
            and costs.period_month + interval 1 month > contracts.start_date
            and costs.period_month < contracts.end_date
    left join rated
        on
            contracts.contract_id = rated.contract_id
            and costs.period_month = rated.period_month
),

-- One contract bears all, whatever it earns. Among several that earn nothing each bears the same,
-- and where one's revenue is unknown, so is everybody's share.
weighed as (
    select
        *,
        case
            when count(*) over cost = 1 then 1
            when coalesce(bool_or(is_unknown) over cost, false) then null
            when sum(micros) over cost = 0 then 1
            else micros
        end as weight
    from placed
    window cost as (
        partition by revenue_basis, tenant_id, period_month, line_side, cost_category
    )
),

in_units as (
    select
        *,
        {{ to_picos('abs(amount_usd)') }} as units,
        cast(sum(weight) over cost as hugeint) as total_weight
    from weighed
    window cost as (
        partition by revenue_basis, tenant_id, period_month, line_side, cost_category
    )
),

shared as (
    select
        *,
        {{ share_floor('units', 'weight', 'total_weight') }} as floor_units,
        row_number() over (
            partition by revenue_basis, tenant_id, period_month, line_side, cost_category
            order by
                {{ share_remainder('units', 'weight', 'total_weight') }} desc,
                contract_id asc
        ) as remainder_rank
    from in_units
),

final as (
    select
        revenue_basis,
        tenant_id,
        contract_id,
        line_side,
        cost_category,
        period_month,
        {{ from_picos(
            'sign(amount_usd) * (floor_units + case when remainder_rank <= units - sum(floor_units)'
            ~ ' over cost then 1 else 0 end)'
        ) }} as amount_usd
    from shared
    window cost as (
        partition by revenue_basis, tenant_id, period_month, line_side, cost_category
    )
)

select * from final

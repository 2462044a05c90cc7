with costs_converted as (
    select * from {{ ref('int_margin__costs_converted') }}
    where is_cogs
),

drivers as (
    select
        pack_id,
        period_month,
        resource_type,
        service_name,
        {{ sum_of_known('amount_usd') }} as cogs_usd
    from costs_converted
    group by
        pack_id,
        period_month,
        resource_type,
        service_name
),

packs as (
    select
        pack_id,
        period_month,
        {{ sum_of_known('cogs_usd') }} as pack_cogs_usd
    from drivers
    group by
        pack_id,
        period_month
),

-- One whose cost is unknown may be the largest, and comes first.
final as (
    select
        drivers.pack_id,
        drivers.period_month,
        drivers.resource_type,
        drivers.service_name,
        cast(row_number() over (
            partition by drivers.pack_id, drivers.period_month
            order by
                drivers.cogs_usd desc nulls first,
                drivers.resource_type asc,
                drivers.service_name asc
        ) as integer) as cost_rank,
        drivers.cogs_usd,
        packs.pack_cogs_usd,
        {{ ratio_of('drivers.cogs_usd', 'packs.pack_cogs_usd') }} as share_of_pack_cogs_ratio
    from drivers
    inner join packs
        on
            drivers.pack_id = packs.pack_id
            and drivers.period_month = packs.period_month
)

select * from final

with rows_grouped as (
    select * from {{ ref('int_cost__rows_grouped') }}
),

files as (
    select * from {{ ref('stg_landing__files') }}
),

counted as (
    select
        rows_grouped.provider_name,
        rows_grouped.billing_account_id,
        rows_grouped.billing_month,
        rows_grouped.landed_file,
        files.landed_at,
        cast(sum(rows_grouped.source_row_count) as bigint) as row_count
    from rows_grouped
    inner join files
        on rows_grouped.landed_file = files.landed_file
    group by
        rows_grouped.provider_name,
        rows_grouped.billing_account_id,
        rows_grouped.billing_month,
        rows_grouped.landed_file,
        files.landed_at
),

batches as (
    select
        provider_name,
        billing_account_id,
        billing_month,
        landed_at,
        sum(row_count) as row_count
    from counted
    group by
        provider_name,
        billing_account_id,
        billing_month,
        landed_at
),

ranked as (
    select
        *,
        first_value(billing_month) over (
            partition by provider_name, billing_account_id, landed_at
            order by row_count desc, billing_month asc
        ) as main_month,
        sum(row_count) over (partition by provider_name, billing_account_id, landed_at)
            as batch_row_count
    from batches
),

-- A few rows of another billing period do not restate it: they are part of the statement that they
-- came with.
final as (
    select
        counted.provider_name,
        counted.billing_account_id,
        counted.billing_month,
        case
            when ranked.row_count >= {{ var('statement_row_ratio') }} * ranked.batch_row_count
                then ranked.billing_month
            else ranked.main_month
        end as statement_month,
        counted.row_count,
        counted.landed_file,
        counted.landed_at
    from counted
    inner join ranked
        on
            counted.provider_name = ranked.provider_name
            and counted.billing_account_id is not distinct from ranked.billing_account_id
            and counted.billing_month = ranked.billing_month
            and counted.landed_at = ranked.landed_at
)

select * from final

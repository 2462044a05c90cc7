with placed as (
    select * from {{ ref('int_cost__statements_placed') }}
),

locks as (
    select * from {{ ref('fct_cost_locks') }}
),

lock_files as (
    select * from {{ ref('stg_landing__cost_lock_files') }}
),

files as (
    select distinct landed_file
    from placed
),

-- A month was closed before a file came if its lock does not know the file, whatever its stamp.
closed_before as (
    select
        files.landed_file,
        max(locks.cost_month) as closed_month
    from files
    cross join locks
    left join lock_files
        on
            locks.lock_id = lock_files.lock_id
            and files.landed_file = lock_files.closed_file
    where lock_files.lock_id is null
    group by files.landed_file
),

final as (
    select
        placed.provider_name,
        placed.billing_account_id,
        placed.billing_month,
        placed.statement_month,
        placed.row_count,
        closed_before.closed_month,
        placed.landed_file,
        placed.landed_at
    from placed
    left join closed_before
        on placed.landed_file = closed_before.landed_file
)

select * from final

with locks as (
    select * from {{ ref('stg_landing__cost_locks') }}
    where is_digest_right and not is_pool
),

final as (
    select
        lock_id,
        unnest(files) as closed_file
    from locks
)

select * from final

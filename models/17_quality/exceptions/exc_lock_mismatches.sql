with landed_locks as (
    select * from {{ ref('stg_landing__locks') }}
),

landed_documents as (
    select * from {{ ref('stg_landing__documents') }}
),

locks as (
    select * from {{ ref('fct_locks') }}
),

documents as (
    select * from {{ ref('fct_documents') }}
),

locked_charges as (
    select * from {{ ref('fct_locked_charges') }}
),

charges as (
    select * from {{ ref('fct_charges') }}
),

rated_usage as (
    select * from {{ ref('fct_rated_usage') }}
),

-- What a build makes of the same input by now; the landed document stands, whatever is found here.
-- A line that was rated anew since is known by the receipt of its former version.
found as (
    select
        landed_locks.lock_id as subject_id,
        cast(null as varchar) as charge_key,
        case
            when not landed_locks.is_digest_right then 'digest_differs'
            else 'not_allowed_or_locked_before'
        end as reason,
        cast(null as decimal(22, 4)) as landed_amount,
        cast(null as decimal(22, 4)) as present_amount,
        landed_locks.landed_file,
        landed_locks.line_number
    from landed_locks
    left join locks
        on
            landed_locks.landed_file = locks.landed_file
            and landed_locks.line_number = locks.line_number
    where locks.lock_id is null
    union all
    select
        landed_documents.document_id as subject_id,
        null as charge_key,
        case
            when not landed_documents.is_digest_right then 'digest_differs'
            else 'not_allowed_or_issued_before'
        end as reason,
        landed_documents.total_amount as landed_amount,
        null as present_amount,
        landed_documents.landed_file,
        landed_documents.line_number
    from landed_documents
    left join documents
        on
            landed_documents.landed_file = documents.landed_file
            and landed_documents.line_number = documents.line_number
    where documents.document_id is null
    union all
    select
        locked_charges.lock_id as subject_id,
        locked_charges.charge_key,
        case
            when locked_charges.line_type = 'usage' and charges.charge_key is null
                then 'not_rated_any_more'
            when locked_charges.line_type = 'usage' then 'rated_otherwise'
            when charges.charge_key is null then 'not_charged_any_more'
            else 'charged_otherwise'
        end as reason,
        locked_charges.amount as landed_amount,
        charges.amount as present_amount,
        locks.landed_file,
        locks.line_number
    from locked_charges
    inner join locks
        on locked_charges.lock_id = locks.lock_id
    left join charges
        on
            locked_charges.billing_period_id = charges.billing_period_id
            and locked_charges.charge_key = charges.charge_key
    left join rated_usage
        on locked_charges.receipt_id = rated_usage.receipt_id
    where
        rated_usage.receipt_id is null
        and coalesce(charges.amount <> locked_charges.amount, true)
),

final as (
    select
        subject_id,
        charge_key,
        reason,
        landed_amount,
        present_amount,
        landed_file,
        line_number
    from found
)

select * from final

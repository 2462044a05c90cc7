with source as (
    select * from {{ ref('unit_grants') }}
),

final as (
    select
        grant_id,
        contract_id,
        meter_ids,
        pack_ids,
        grant_kind,
        {{ parse_exact_decimal('quantity', 22, 9) }} as quantity,
        cast(priority as integer) as priority,
        {{ parse_instant('effective_at') }} as effective_at,
        {{ parse_instant('expires_at') }} as expires_at,
        recurrence,
        coalesce({{ parse_exact_decimal('rollover_limit_quantity', 22, 9) }}, 0)
            as rollover_limit_quantity,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final

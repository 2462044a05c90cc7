with schedules as (
    select * from {{ ref('fct_revenue_schedules') }}
),

credits_earned as (
    select * from {{ ref('int_revenue__credits_earned') }}
),

final as (
    select
        obligation_id,
        balance_key,
        contract_id,
        tenant_id,
        coalesce(pack_id, '(none)') as pack_id,
        revenue_kind,
        is_internal,
        revenue_month,
        sum(earned_amount) as amount,
        currency_code
    from schedules
    group by
        obligation_id,
        balance_key,
        contract_id,
        tenant_id,
        coalesce(pack_id, '(none)'),
        revenue_kind,
        is_internal,
        revenue_month,
        currency_code
    having sum(earned_amount) <> 0
    union all
    select
        obligation_id,
        balance_key,
        contract_id,
        tenant_id,
        coalesce(pack_id, '(none)') as pack_id,
        revenue_kind,
        is_internal,
        revenue_month,
        amount,
        currency_code
    from credits_earned
)

select * from final

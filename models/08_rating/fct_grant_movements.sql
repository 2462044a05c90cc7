with grants_drawn as (
    select * from {{ ref('int_rating__grants_drawn') }}
),

unit_grants as (
    select * from {{ ref('stg_catalogue__unit_grants') }}
),

final as (
    select
        {{ content_id(['grants_drawn.grant_id', 'grants_drawn.movement_number']) }} as movement_id,
        grants_drawn.grant_id,
        unit_grants.contract_id,
        grants_drawn.contract_line_id,
        grants_drawn.movement_number,
        grants_drawn.period_number,
        grants_drawn.movement_type,
        grants_drawn.quantity,
        grants_drawn.balance_quantity,
        grants_drawn.moved_at,
        grants_drawn.period_ends_at,
        unit_grants.policy_decision_id
    from grants_drawn
    inner join unit_grants
        on grants_drawn.grant_id = unit_grants.grant_id
)

select * from final

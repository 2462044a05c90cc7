with tenant_pnl as (
    select * from {{ ref('rpt_tenant_pnl') }}
),

pack_profitability as (
    select * from {{ ref('rpt_pack_profitability') }}
),

wallet_movements as (
    select * from {{ ref('fct_wallet_movements') }}
),

grants as (
    select
        grant_id,
        currency_code,
        sum(amount) filter (where movement_type = 'grant') as granted_amount,
        -coalesce(sum(amount) filter (where movement_type <> 'grant'), 0)
        + max_by(balance_amount, movement_number) as drawn_expired_or_left_amount
    from wallet_movements
    group by
        grant_id,
        currency_code
),

final as (
    {% for side, source in [(1, 'tenant_pnl'), (2, 'pack_profitability')] -%}
        select
            {{ seam_side(
                'margin', side, "concat_ws(':', revenue_basis, period_month)", "'USD'",
                'revenue_usd - cogs_usd'
            ) }}
        from {{ source }}
        union all
    {% endfor -%}
    {% for side, amount in [(1, 'granted_amount'), (2, 'drawn_expired_or_left_amount')] -%}
        select
            {{ seam_side('wallet', side, 'grant_id', 'currency_code', amount) }}
        from grants
        {% if not loop.last %}union all{% endif %}
    {% endfor -%}
)

select * from final

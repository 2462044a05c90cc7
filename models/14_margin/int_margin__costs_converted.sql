with attributions as (
    select * from {{ ref('fct_cost_attributions') }}
),

exchange_rates as (
    select * from {{ ref('fct_exchange_rates') }}
),

-- Margin stands on effective cost: what the month's use came to, not what the month was billed.
final as (
    select
        attributions.tenant_id,
        attributions.pack_id,
        attributions.resource_type,
        attributions.cost_month as period_month,
        {{ to_usd('attributions.effective_cost_amount', 'exchange_rates.usd_per_unit') }}
            as amount_usd
    from attributions
    left join exchange_rates
        on
            attributions.currency_code = exchange_rates.currency_code
            and attributions.cost_month = exchange_rates.rate_month
    where attributions.tenant_id <> '(idle)'
)

select * from final

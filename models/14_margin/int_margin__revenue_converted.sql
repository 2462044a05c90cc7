with contract_fees as (
    select * from {{ ref('fct_contract_fees') }}
),

rated_usage as (
    select * from {{ ref('fct_rated_usage') }}
),

contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

true_ups as (
    select * from {{ ref('fct_commitment_true_ups') }}
),

adjustments as (
    select * from {{ ref('fct_rated_adjustments') }}
),

exchange_rates as (
    select * from {{ ref('fct_exchange_rates') }}
),

-- A usage line earns for the pack that its plan line stands in; a commitment over the whole
-- contract for none.
earned as (
    select
        tenant_id,
        pack_id,
        'fee' as revenue_kind,
        period_month,
        currency_code,
        cast(amount as decimal(38, 18)) as amount
    from contract_fees
    union all
    select
        contract_lines.tenant_id,
        contract_lines.pack_id,
        'usage' as revenue_kind,
        contract_lines.period_month,
        contract_lines.currency_code,
        rated_usage.net_amount as amount
    from rated_usage
    inner join contract_lines
        on rated_usage.contract_line_id = contract_lines.contract_line_id
    where
        rated_usage.is_current
        and rated_usage.status = 'rated'
    union all
    select
        tenant_id,
        '(none)' as pack_id,
        'commitment' as revenue_kind,
        period_month,
        currency_code,
        amount
    from true_ups
    where amount <> 0
    union all
    select
        tenant_id,
        coalesce(pack_id, '(none)') as pack_id,
        'adjustment' as revenue_kind,
        period_month,
        currency_code,
        exact_amount as amount
    from adjustments
),

totalled as (
    select
        tenant_id,
        pack_id,
        revenue_kind,
        period_month,
        currency_code,
        sum(amount) as amount
    from earned
    group by
        tenant_id,
        pack_id,
        revenue_kind,
        period_month,
        currency_code
),

final as (
    select
        totalled.tenant_id,
        totalled.pack_id,
        totalled.revenue_kind,
        totalled.period_month,
        totalled.currency_code,
        totalled.amount,
        {{ to_usd('totalled.amount', 'exchange_rates.usd_per_unit') }} as amount_usd
    from totalled
    left join exchange_rates
        on
            totalled.currency_code = exchange_rates.currency_code
            and totalled.period_month = exchange_rates.rate_month
)

select * from final

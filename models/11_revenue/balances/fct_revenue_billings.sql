with lines_netted as (
    select * from {{ ref('int_revenue__lines_netted') }}
    where issued_at is not null
),

revenue_charges as (
    select * from {{ ref('fct_revenue_charges') }}
),

bundles_allocated as (
    select * from {{ ref('int_revenue__bundles_allocated') }}
),

credits_placed as (
    select * from {{ ref('int_revenue__credits_placed') }}
    where service_month is not null
),

prices_changed as (
    select * from {{ ref('int_revenue__prices_changed') }}
    where change_kind = 'written_off'
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

keyed as (
    select
        lines_netted.*,
        coalesce(
            credits_placed.line_id, bundles_allocated.bundle_id, revenue_charges.balance_key,
            lines_netted.charge_key
        ) as balance_key
    from lines_netted
    left join credits_placed
        on lines_netted.line_id = credits_placed.line_id
    left join bundles_allocated
        on lines_netted.charge_key = bundles_allocated.charge_key
    left join revenue_charges
        on lines_netted.charge_key = revenue_charges.charge_key
),

-- What is void was asked for until its day; what is written off unearned is not owed as service.
dated as (
    select
        line_id,
        balance_key,
        contract_id,
        'issued' as billing_kind,
        amount,
        usd_per_unit,
        cast(issued_at as date) as billed_date
    from keyed
    union all
    select
        line_id,
        balance_key,
        contract_id,
        'voided' as billing_kind,
        -amount as amount,
        usd_per_unit,
        cast(voided_at as date) as billed_date
    from keyed
    where voided_at is not null
    union all
    select
        prices_changed.span_id as line_id,
        prices_changed.balance_key,
        spans.contract_id,
        'written_off' as billing_kind,
        prices_changed.price_change_amount + prices_changed.earned_change_amount as amount,
        null as usd_per_unit,
        prices_changed.changed_date as billed_date
    from prices_changed
    inner join {{ ref('fct_revenue_spans') }} as spans
        on prices_changed.span_id = spans.span_id
),

final as (
    select
        {{ content_id(['dated.line_id', 'dated.billing_kind']) }} as billing_id,
        dated.balance_key,
        dated.contract_id,
        contracts.tenant_id,
        dated.billing_kind,
        contracts.is_internal,
        cast(dated.amount as decimal(22, 4)) as amount,
        contracts.currency_code,
        dated.usd_per_unit,
        dated.billed_date
    from dated
    inner join contracts
        on dated.contract_id = contracts.contract_id
    where dated.amount <> 0
)

select * from final

with negative_margins as (
    select * from {{ ref('exc_negative_margins') }}
),

tenant_pnl as (
    select * from {{ ref('rpt_tenant_pnl') }}
),

burn_down_risks as (
    select * from {{ ref('exc_commitment_burn_down_risks') }}
),

fair_use_exceeded as (
    select * from {{ ref('exc_fair_use_exceeded') }}
),

unusable_credits as (
    select * from {{ ref('exc_unusable_credits') }}
),

entries_without_usd as (
    select * from {{ ref('exc_entries_without_usd') }}
),

final as (
    select
        {{ signal(
            'negative_margin', 'tenant', "concat_ws(':', tenant_pnl.tenant_id, tenant_pnl.revenue_basis)",
            'tenant_pnl.period_month', '1',
            "concat(negative_margins.gross_margin_usd, ' USD over all months')"
        ) }}
    from negative_margins
    inner join tenant_pnl
        on
            negative_margins.tenant_id = tenant_pnl.tenant_id
            and negative_margins.revenue_basis = tenant_pnl.revenue_basis
    where tenant_pnl.gross_margin_usd < 0
    union all
    select
        {{ signal(
            'commitment_burn_down', 'commitment', "concat_ws(':', contract_id, commitment_id)",
            'cast(as_of_at as date)', '1',
            "concat_ws(' ', severity, 'risk:', risk, 'by', cast(period_ends_at as date))"
        ) }}
    from burn_down_risks
    union all
    select
        {{ signal(
            'fair_use_exceeded', 'contract_line', "concat_ws(':', contract_line_id, group_value)",
            'cast(window_start_at as date)', '1',
            "concat(exceeding_quantity, ' above ', fair_use_quantity)"
        ) }}
    from fair_use_exceeded
    union all
    select
        {{ signal(
            'unusable_credit', 'grant', 'grant_id', 'cast(recorded_at as date)', '1',
            "concat(amount, ' ', currency_code, ': ', reason)"
        ) }}
    from unusable_credits
    union all
    select
        {{ signal(
            'entry_without_usd', 'currency', 'currency_code', 'posted_date', '1',
            "concat('entry ', entry_id, ' of ', source_type, ' ', source_id)"
        ) }}
    from entries_without_usd
)

select * from final

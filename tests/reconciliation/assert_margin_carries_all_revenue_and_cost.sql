-- Margin: on each basis, tenants, packs and contracts carry what that basis has earned and all cost
-- that is somebody's, to the last decimal. A missing rate makes sums unknown;
-- exc_missing_exchange_rates says which.
with earned as (
    select
        'rated' as revenue_basis,
        period_month,
        currency_code,
        cast(amount as decimal(38, 18)) as amount
    from {{ ref('fct_contract_fees') }}
    union all
    select
        'rated' as revenue_basis,
        lines.period_month,
        lines.currency_code,
        usage.net_amount as amount
    from {{ ref('fct_rated_usage') }} as usage
    inner join {{ ref('fct_contract_lines') }} as lines
        on usage.contract_line_id = lines.contract_line_id
    where usage.is_current and usage.status = 'rated'
    union all
    select
        'rated' as revenue_basis,
        period_month,
        currency_code,
        amount
    from {{ ref('fct_commitment_true_ups') }}
    union all
    select
        'rated' as revenue_basis,
        period_month,
        currency_code,
        exact_amount as amount
    from {{ ref('fct_rated_adjustments') }}
    union all
    select
        'rated' as revenue_basis,
        periods.period_month,
        periods.currency_code,
        -credits.credit_amount as amount
    from {{ ref('fct_sla_credits') }} as credits
    inner join {{ ref('fct_billing_periods') }} as periods
        on credits.billing_period_id = periods.billing_period_id
    union all
    select
        'invoiced' as revenue_basis,
        cast(date_trunc('month', documents.issued_at) as date) as period_month,
        documents.currency_code,
        lines.net_amount as amount
    from {{ ref('fct_documents') }} as documents
    inner join {{ ref('fct_document_lines') }} as lines
        on documents.document_id = lines.document_id
    left join {{ ref('fct_documents') }} as voided
        on
            lines.invoice_id = voided.invoice_id
            and lines.version = voided.version
            and voided.is_void
    where voided.document_id is null
),

spent as (
    select
        allocations.cost_month as period_month,
        allocations.currency_code,
        allocations.effective_cost_amount as amount,
        coalesce(categories.is_cogs, true) as is_cogs
    from {{ ref('fct_cost_allocations') }} as allocations
    left join {{ ref('dim_cost_categories') }} as categories
        on allocations.cost_category = categories.cost_category
    where allocations.tenant_id <> '(idle)'
),

bases as (
    select 'rated' as revenue_basis
    union all
    select 'invoiced' as revenue_basis
    union all
    select 'recognised' as revenue_basis
),

missing as (
    select count(*) as rate_count
    from {{ ref('exc_missing_exchange_rates') }}
),

sides as (
    select
        'source' as side,
        earned.revenue_basis,
        {{ to_usd('earned.amount', 'rates.usd_per_unit') }} as revenue_usd,
        0 as cogs_usd,
        0 as operating_cost_usd
    from earned
    inner join {{ ref('fct_exchange_rates') }} as rates
        on
            earned.currency_code = rates.currency_code
            and earned.period_month = rates.rate_month
    union all
    select
        'source' as side,
        'recognised' as revenue_basis,
        recognised_usd as revenue_usd,
        0 as cogs_usd,
        0 as operating_cost_usd
    from {{ ref('fct_recognised_revenue') }}
    union all
    select
        'source' as side,
        bases.revenue_basis,
        0 as revenue_usd,
        case when spent.is_cogs then {{ to_usd('spent.amount', 'rates.usd_per_unit') }} else 0 end
            as cogs_usd,
        case when spent.is_cogs then 0 else {{ to_usd('spent.amount', 'rates.usd_per_unit') }} end
            as operating_cost_usd
    from spent
    inner join {{ ref('fct_exchange_rates') }} as rates
        on
            spent.currency_code = rates.currency_code
            and spent.period_month = rates.rate_month
    cross join bases
    union all
    select 'tenants' as side, revenue_basis, revenue_usd, cogs_usd, operating_cost_usd
    from {{ ref('rpt_tenant_pnl') }}
    union all
    select 'packs' as side, revenue_basis, revenue_usd, cogs_usd, null as operating_cost_usd
    from {{ ref('rpt_pack_profitability') }}
    union all
    select 'contracts' as side, revenue_basis, revenue_usd, cogs_usd, operating_cost_usd
    from {{ ref('rpt_contract_profitability') }}
    union all
    select 'report' as side, revenue_basis, revenue_usd, cogs_usd, operating_cost_usd
    from {{ ref('rpt_financial_report') }}
    where tenant_id not in ('(idle)', '(unallocated)')
),

totalled as (
    select
        {% for side in ['source', 'tenants', 'packs', 'contracts', 'report'] -%}
            {% for amount in ['revenue_usd', 'cogs_usd', 'operating_cost_usd'] -%}
                coalesce(sum({{ amount }}) filter (where side = '{{ side }}'), 0)
                    as {{ side }}_{{ amount }},
            {% endfor -%}
        {% endfor -%}
        revenue_basis
    from sides
    group by revenue_basis
)

select totalled.*
from totalled
cross join missing
where
    missing.rate_count = 0
    and (
        totalled.tenants_operating_cost_usd <> totalled.source_operating_cost_usd
        or totalled.contracts_operating_cost_usd <> totalled.source_operating_cost_usd
        or totalled.report_operating_cost_usd <> totalled.source_operating_cost_usd
        {% for side in ['tenants', 'packs', 'contracts', 'report'] -%}
            or totalled.{{ side }}_revenue_usd <> totalled.source_revenue_usd
            or totalled.{{ side }}_cogs_usd <> totalled.source_cogs_usd
        {% endfor %}
    )

with balances as (
    select * from {{ ref('int_ledger__balances_kept') }}
),

booked_rates as (
    select * from {{ ref('fct_booked_rates') }}
),

{% set states = ['deferred', 'unbilled', 'refund_liability'] -%}
positions as (
    select
        contract_id,
        {% for state in states -%}
            sum({{ state }}_amount) as {{ state }}_amount,
            {{ sum_of_known(state ~ '_usd') }} as {{ state }}_usd,
        {% endfor -%}
        currency_code,
        balance_month
    from {{ ref('fct_revenue_positions') }}
    where not is_internal
    group by
        contract_id,
        currency_code,
        balance_month
),

-- A receivable is worth what its documents were, weighted by their amounts.
weighted as (
    select
        balances.*,
        cast({{ amount_per_unit('document_usd', 'document_amount') }} as decimal(18, 9))
            as document_rate
    from balances
),

-- What the account should be worth in the reporting currency; unknown while the sub-ledger holds
-- another amount, as where what landed late is posted in a later month.
valued as (
    select
        weighted.*,
        case
            when weighted.posting_role = 'accounts_receivable'
                then {{ to_usd('weighted.amount', 'coalesce(weighted.document_rate, 0)') }}
            when weighted.posting_role in ('unapplied_cash', 'customer_credit')
                then {{ to_usd('weighted.amount', 'booked_rates.usd_per_unit') }}
            {% for state in states -%}
                {%- set sign = '' if state == 'unbilled' else '-' -%}
                when
                    weighted.posting_role = '{{ {
                        'deferred': 'deferred_revenue', 'unbilled': 'unbilled_receivable',
                    }.get(state, state) }}'
                    and weighted.amount = {{ sign }}coalesce(positions.{{ state }}_amount, 0)
                    then case
                        when weighted.amount = 0 then 0
                        else {{ sign }}positions.{{ state }}_usd
                    end
            {% endfor %}
        end - weighted.amount_usd as difference_usd
    from weighted
    left join booked_rates
        on
            weighted.currency_code = booked_rates.currency_code
            and weighted.balance_month = booked_rates.rate_month
    left join positions
        on
            weighted.contract_id = positions.contract_id
            and weighted.currency_code = positions.currency_code
            and weighted.balance_month = positions.balance_month
    where weighted.unknown_count = 0
),

known as (
    select
        *,
        difference_usd - lag(difference_usd, 1, 0) over (
            partition by posting_role, tenant_id, contract_id, invoice_id, currency_code
            order by balance_month
        ) as gained_usd
    from valued
    where difference_usd is not null
),

final as (
    select
        {{ content_id([
            "'exchange_difference'", 'tenant_id', 'contract_id', 'currency_code', 'balance_month',
        ]) }} as entry_id,
        posting_role,
        invoice_id,
        contract_id,
        tenant_id,
        cast(gained_usd as decimal(38, 12)) as gained_usd,
        currency_code,
        last_day(balance_month) as posted_date
    from known
    where gained_usd <> 0
)

select * from final

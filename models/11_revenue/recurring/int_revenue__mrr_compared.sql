{%- set cohort = 'mrr_basis, tenant_id, basis_currency_code' -%}
with mrr as (
    select * from {{ ref('fct_mrr') }}
),

on_bases as (
    select
        *,
        'contract_currency' as mrr_basis,
        currency_code as basis_currency_code
    from mrr
    union all
    select
        *,
        'reporting_currency' as mrr_basis,
        'USD' as basis_currency_code
    from mrr
),

joined as (
    select
        *,
        min(mrr_month) filter (where mrr_amount > 0) over (partition by {{ cohort }})
            as cohort_month
    from on_bases
),

paired as (
    select *, 'month' as compared_over, {{ months_after('mrr_month', -1) }} as start_month
    from joined
    union all
    select *, 'year' as compared_over, {{ months_after('mrr_month', -12) }} as start_month
    from joined
    union all
    select *, 'cohort' as compared_over, cohort_month as start_month
    from joined
),

-- In US dollars both ends are at the rate of the later one, so that an exchange rate neither keeps
-- nor loses a customer's revenue; what the start was worth then stands beside.
converted as (
    select
        paired.*,
        started.mrr_amount > 0 as has_started,
        paired.mrr_amount > 0 as has_ended,
        {% for name, amount, usd in [
            ('start_then', 'coalesce(started.mrr_amount, 0)', 'started.mrr_usd'),
            (
                'start', 'coalesce(started.mrr_amount, 0)',
                to_usd('started.mrr_amount', 'paired.usd_per_unit'),
            ),
            ('end', 'paired.mrr_amount', 'paired.mrr_usd'),
        ] -%}
            case
                when paired.mrr_basis = 'contract_currency' or {{ amount }} = 0
                    then cast({{ amount }} as decimal(38, 12))
                else {{ usd }}
            end as {{ name }}_amount,
        {% endfor -%}
        paired.mrr_amount - coalesce(started.mrr_amount, 0) as own_change_amount
    from paired
    left join mrr as started
        on
            paired.tenant_id = started.tenant_id
            and paired.currency_code = started.currency_code
            and paired.start_month = started.mrr_month
),

final as (
    select
        mrr_basis,
        tenant_id,
        basis_currency_code as currency_code,
        mrr_month,
        compared_over,
        start_month,
        cohort_month,
        coalesce(bool_or(has_started), false) as has_started,
        bool_or(has_ended) as has_ended,
        {% for name in ['start_then', 'start', 'end'] -%}
            {{ sum_of_known(name ~ '_amount') }} as {{ name }}_amount,
        {% endfor -%}
        sum(own_change_amount) as own_change_amount
    from converted
    group by
        mrr_basis,
        tenant_id,
        basis_currency_code,
        mrr_month,
        compared_over,
        start_month,
        cohort_month
)

select * from final

with attributions as (
    select * from {{ ref('fct_cost_attributions') }}
),

unallocated_costs as (
    select * from {{ ref('fct_unallocated_costs') }}
),

cost_categories as (
    select * from {{ ref('dim_cost_categories') }}
),

booked_rates as (
    select * from {{ ref('fct_booked_rates') }}
),

-- As in the margin, what no category knows is cost of goods sold.
borne as (
    select
        'cost_attribution' as source_type,
        attributions.cost_attribution_id as source_id,
        case
            when attributions.tenant_id = '(idle)' then 'idle_cost'
            when coalesce(cost_categories.is_cogs, true)
                then concat('cogs_', attributions.resource_type)
            else concat('operating_', attributions.cost_category)
        end as posting_role,
        attributions.tenant_id,
        attributions.cost_month,
        attributions.billed_cost_amount,
        attributions.effective_cost_amount,
        attributions.currency_code
    from attributions
    left join cost_categories
        on attributions.cost_category = cost_categories.cost_category
    union all
    select
        'unallocated_cost' as source_type,
        concat(cost_pool_id, ':', reason) as source_id,
        'unallocated_cost' as posting_role,
        cast(null as varchar) as tenant_id,
        cost_month,
        billed_cost_amount,
        effective_cost_amount,
        currency_code
    from unallocated_costs
),

valued as (
    select
        borne.*,
        {{ to_usd('borne.billed_cost_amount', 'booked_rates.usd_per_unit') }} as billed_cost_usd,
        {{ to_usd('borne.effective_cost_amount', 'booked_rates.usd_per_unit') }}
            as effective_cost_usd
    from borne
    left join booked_rates
        on
            borne.currency_code = booked_rates.currency_code
            and borne.cost_month = booked_rates.rate_month
),

-- A month bears what it used, and owes what it was billed; commitments stand between the two.
{% set postings = [
    ('accrued_cost', 'billed_cost_{}'), ('prepaid_commitment', 'effective_cost_{0} - billed_cost_{0}'),
] -%}
final as (
    {% for credit_role, measure in postings -%}
        select
            source_type,
            source_id,
            source_id as entry_key,
            posting_role as debit_role,
            '{{ credit_role }}' as credit_role,
            cast({{ measure.format('amount') }} as decimal(38, 12)) as amount,
            cast({{ measure.format('usd') }} as decimal(38, 12)) as amount_usd,
            currency_code,
            cast(null as varchar) as invoice_id,
            cast(null as varchar) as contract_id,
            tenant_id,
            concat(replace(posting_role, '_', ' '), ', ', strftime(cost_month, '%Y-%m'))
                as description,
            last_day(cost_month) as event_date,
            cast(null as timestamp) as landed_at,
            cast(null as varchar) as policy_decision_id
        from valued
        where {{ measure.format('amount') }} <> 0
        {% if not loop.last -%} union all {%- endif %}
    {% endfor %}
)

select * from final

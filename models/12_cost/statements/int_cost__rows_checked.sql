{%- set needed = {
    'missing_provider': 'provider_name',
    'missing_currency': 'currency_code',
    'bad_charge_period': 'charge_period_start_at',
    'bad_billed_cost': 'billed_cost_amount',
    'bad_effective_cost': 'effective_cost_amount',
} -%}
with statement_rows as (
    select * from {{ ref('stg_landing__cost_and_usage') }}
),

mapping_rules as (
    select * from {{ ref('stg_catalogue__cost_mapping_rules') }}
),

-- Resources are told apart only where some rule looks at them.
looked_at as (
    select count(resource_like) > 0 as is_by_resource
    from mapping_rules
),

final as (
    select
        statement_rows.landed_file,
        statement_rows.line_number,
        statement_rows.provider_name,
        statement_rows.provider_invoice_id,
        statement_rows.billing_account_id,
        statement_rows.sub_account_id,
        statement_rows.currency_code,
        statement_rows.charge_category,
        statement_rows.charge_class,
        statement_rows.charge_frequency,
        statement_rows.charge_description,
        statement_rows.pricing_category,
        statement_rows.commitment_discount_id,
        statement_rows.commitment_discount_status,
        statement_rows.service_name,
        statement_rows.service_category,
        statement_rows.sku_id,
        statement_rows.region,
        statement_rows.resource_id,
        case when looked_at.is_by_resource then statement_rows.resource_id end as resource_key,
        statement_rows.tags,
        statement_rows.other_columns,
        cast(date_trunc('month', statement_rows.charge_period_start_at) as date) as driver_month,
        cast(date_trunc('month', coalesce(
            statement_rows.billing_period_start_at, statement_rows.charge_period_start_at
        )) as date) as billing_month,
        coalesce(statement_rows.charge_class = 'Correction', false) as is_correction,
        statement_rows.consumed_quantity,
        statement_rows.consumed_unit,
        statement_rows.billed_cost_amount,
        coalesce(
            statement_rows.billed_cost_text,
            rtrim(rtrim(cast(statement_rows.billed_cost_amount as varchar), '0'), '.')
        ) as billed_cost_text,
        statement_rows.effective_cost_amount,
        coalesce(
            statement_rows.effective_cost_text,
            rtrim(rtrim(cast(statement_rows.effective_cost_amount as varchar), '0'), '.')
        ) as effective_cost_text,
        (
            {% for column in needed.values() -%}
                {{ 'and ' if not loop.first }}statement_rows.{{ column }} is not null
            {% endfor -%}
        ) as is_accepted,
        concat_ws(
            ','
            {% for reason, column in needed.items() -%}
                , case when statement_rows.{{ column }} is null then '{{ reason }}' end
            {% endfor -%}
        ) as reasons,
        statement_rows.billing_period_start_at,
        statement_rows.billing_period_end_at,
        statement_rows.charge_period_start_at,
        statement_rows.charge_period_end_at
    from statement_rows
    cross join looked_at
)

select * from final

{#- What a cost mapping rule looks at, and what else its outcome depends on. -#}
{% macro mapped_by() -%}
    {{ return([
        'provider_name', 'billing_account_id', 'sub_account_id', 'charge_category',
        'commitment_discount_status', 'service_name', 'service_category', 'region', 'resource_key',
        'rule_tags', 'rules_from_at',
    ]) }}
{%- endmacro %}

{% macro is_mapped_alike(rows, mapped) -%}
    {{ is_alike(mapped_by(), rows, mapped) }}
{%- endmacro %}

{% macro is_alike(columns, rows, others) -%}
    {% for column in columns -%}
        {{ 'and ' if not loop.first }}{{ rows }}.{{ column }} is not distinct from {{ others }}.{{ column }}
    {% endfor %}
{%- endmacro %}

{#- What decides in which month a row of a statement is posted. -#}
{% macro posted_by() -%}
    {{ return([
        'landed_file', 'provider_name', 'billing_account_id', 'billing_month', 'driver_month',
        'is_correction',
    ]) }}
{%- endmacro %}

{% macro is_posted_alike(rows, posted) -%}
    {{ is_alike(posted_by(), rows, posted) }}
{%- endmacro %}

{#- What tells one cost pool from another. -#}
{% macro pooled_by() -%}
    {{ return([
        'cost_month', 'driver_month', 'provider', 'provider_invoice_id', 'currency_code',
        'service_name', 'internal_service', 'cluster', 'region', 'resource_type', 'cost_category',
        'pack_id', 'capability_id', 'tenant_id', 'rule_id', 'rule_version', 'allocation_method',
        'allocation_rule_id', 'unallocated_reason',
    ]) }}
{%- endmacro %}

{#- A part of a pool, in a span of time, on its way through the rules. -#}
{% macro parcel_columns() -%}
    {{ return(['cost_pool_id', 'slice_start_at', 'slice_end_at', 'share_path']) }}
{%- endmacro %}

{% macro is_same_parcel(parcels, others) -%}
    {% for column in parcel_columns() -%}
        {{ 'and ' if not loop.first }}{{ parcels }}.{{ column }} = {{ others }}.{{ column }}
    {% endfor %}
{%- endmacro %}

{% macro is_named(tenant_id, tenant_ids) -%}
    ({{ tenant_ids }} is null or {{ is_listed(tenant_id, tenant_ids) }})
{%- endmacro %}

{#- The same of a row of a statement, which is posted in a month. -#}
{% macro pool_of_row(posted_month) -%}
    {%- set columns = [] -%}
    {%- for column in pooled_by() -%}
        {%- do columns.append({
            'cost_month': posted_month, 'provider': 'provider_name', 'region': 'mapped_region',
        }.get(column, column)) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{#- The part of an amount that the used part of a capacity comes to; of more use than capacity, more than all. -#}
{% macro used_part(amount, weight, capacity) -%}
    sign({{ amount }}) * (
        {{ share_floor('abs(' ~ amount ~ ')', weight, capacity) }}
        + case when 2 * {{ share_remainder('abs(' ~ amount ~ ')', weight, capacity) }} >= {{ capacity }} then 1 else 0 end
    )
{%- endmacro %}

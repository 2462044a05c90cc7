{#- As HAND_ONS of catalogue_cost.py, which refuses more; who only parses this needs one step. -#}
{%- set hand_ons = 4 if execute else 1 -%}
{%- set parcel = 'parcels.' ~ parcel_columns() | join(', parcels.') -%}
{%- set weight = to_nanos('coalesce(shares.rule_share_ratio, 1)') -%}
with pool_slices as (
    select * from {{ ref('fct_cost_pool_slices') }}
    where allocation_method = 'shared'
),

shares as (
    select * from {{ ref('dim_allocation_shares') }}
),

parcels_0 as (
    select
        cost_pool_id,
        driver_month,
        pack_id,
        slice_start_at,
        slice_end_at,
        cast(null as varchar) as share_path,
        allocation_rule_id,
        {{ to_picos('billed_cost_amount') }} as billed_picos,
        {{ to_picos('effective_cost_amount') }} as effective_picos
    from pool_slices
),

-- Each step cuts what it was handed into the shares of its rule; those for another rule are cut
-- again by the next one, so that no cost is handed back.
{% for step in range(hand_ons + 1) %}
    cut_{{ step }} as (
        select
            parcels.cost_pool_id,
            parcels.driver_month,
            parcels.pack_id,
            parcels.slice_start_at,
            parcels.slice_end_at,
            concat_ws(
                ' > ', parcels.share_path,
                concat_ws(
                    ':', parcels.allocation_rule_id,
                    coalesce(shares.rule_version, 0), coalesce(shares.share_number, 0)
                )
            ) as share_path,
            shares.driver_grain,
            shares.zero_driver,
            coalesce(shares.driver, 'nobody') as driver,
            shares.driver_meter_id,
            shares.next_allocation_rule_id as allocation_rule_id,
            shares.tenant_ids,
            shares.same_as,
            shares.capacity_quantity,
            case when shares.driver is null then 'rule_not_in_force' else 'shares_below_one' end
                as reason,
            {{ largest_remainder_share(
                'parcels.billed_picos', weight, '1000000000', parcel, 'shares.share_number asc'
            ) }} as billed_picos,
            {{ largest_remainder_share(
                'parcels.effective_picos', weight, '1000000000', parcel, 'shares.share_number asc'
            ) }} as effective_picos
        from parcels_{{ step }} as parcels
        left join shares
            on
                parcels.allocation_rule_id = shares.allocation_rule_id
                and parcels.driver_month >= shares.effective_from_at
                and parcels.driver_month < shares.effective_to_at
    ),

    {% if not loop.last %}
        parcels_{{ step + 1 }} as (
            select
                cost_pool_id,
                driver_month,
                pack_id,
                slice_start_at,
                slice_end_at,
                share_path,
                allocation_rule_id,
                billed_picos,
                effective_picos
            from cut_{{ step }}
            where driver = 'rule'
        ),
    {% endif %}
{% endfor %}

final as (
    {% for step in range(hand_ons + 1) -%}
        select
            cost_pool_id,
            driver_month,
            pack_id,
            slice_start_at,
            slice_end_at,
            share_path,
            driver,
            driver_meter_id,
            driver_grain,
            zero_driver,
            tenant_ids,
            same_as,
            capacity_quantity,
            reason,
            billed_picos,
            effective_picos
        from cut_{{ step }}
        where driver <> 'rule'
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final

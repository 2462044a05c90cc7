{%- set parcel = parcel_columns() -%}
{%- set amounts = ['billed_picos', 'effective_picos'] -%}
-- A number stands for a parcel where shares are summed up and sorted; its texts would take longer.
with used as (
    select
        *,
        row_number() over (order by {{ parcel | join(', ') }}) as parcel_number
    from {{ ref('int_cost__parcels_used') }}
),

cost_targets as (
    select * from {{ ref('fct_cost_targets') }}
),

-- A pack that the mapping rule names takes the whole; else cost follows its driver into the packs.
weighed as (
    select
        used.parcel_number,
        cost_targets.tenant_id,
        coalesce(used.pack_id, cost_targets.pack_id, '(none)') as pack_id,
        sum(cost_targets.driver_nanos) as driver_nanos,
        case
            when used.scale = 1 then sum(cost_targets.driver_nanos)
            else sum(cost_targets.driver_nanos) // used.scale
        end as weight
    from used
    inner join cost_targets
        on {{ is_same_parcel('used', 'cost_targets') }}
    group by
        used.parcel_number,
        cost_targets.tenant_id,
        coalesce(used.pack_id, cost_targets.pack_id, '(none)'),
        used.scale
),

-- A division of whole numbers this long costs a hundred products: what is the same for all targets
-- of a parcel is divided once, and a remainder is a difference.
divided as (
    select
        used.parcel_number,
        {% for amount in amounts -%}
            abs(used.used_{{ amount }}) // sum(weighed.weight) as {{ amount }}_per_weight,
            abs(used.used_{{ amount }}) % sum(weighed.weight) as {{ amount }}_left_over,
        {% endfor -%}
        sum(weighed.weight) as total_weight
    from used
    inner join weighed
        on used.parcel_number = weighed.parcel_number
    group by
        used.parcel_number,
        used.used_billed_picos,
        used.used_effective_picos
),

floored as (
    select
        weighed.*,
        {% for amount in amounts -%}
            divided.{{ amount }}_per_weight * weighed.weight as {{ amount }}_even,
            divided.{{ amount }}_left_over * weighed.weight as {{ amount }}_product,
            {{ amount }}_product // divided.total_weight as {{ amount }}_floor,
        {% endfor -%}
        divided.total_weight
    from weighed
    inner join divided
        on weighed.parcel_number = divided.parcel_number
),

-- Each target gets its share rounded down; what that leaves goes, a unit each, to the largest
-- remainders. An amount below zero is the mirror of one above.
shared as (
    select
        parcel_number,
        tenant_id,
        pack_id,
        {% for amount in amounts -%}
            {{ amount }}_even + {{ amount }}_floor as {{ amount }},
            sum({{ amount }}_even + {{ amount }}_floor) over parcel as {{ amount }}_handed_out,
            row_number() over (
                partition by parcel_number
                order by
                    {{ amount }}_product - {{ amount }}_floor * total_weight desc,
                    tenant_id asc,
                    pack_id asc
            ) as {{ amount }}_turn,
        {% endfor -%}
        driver_nanos
    from floored
    window parcel as (partition by parcel_number)
),

final as (
    select
        used.{{ parcel | join(', used.') }},
        shared.tenant_id,
        shared.pack_id,
        {% for amount in amounts -%}
            sign(used.used_{{ amount }}) * (
                shared.{{ amount }}
                + case
                    when
                        shared.{{ amount }}_turn
                        <= abs(used.used_{{ amount }}) - shared.{{ amount }}_handed_out
                        then 1
                    else 0
                end
            ) as {{ amount }},
        {% endfor -%}
        shared.driver_nanos
    from shared
    inner join used
        on shared.parcel_number = used.parcel_number
)

select * from final

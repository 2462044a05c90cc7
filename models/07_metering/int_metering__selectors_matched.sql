with classes as (
    select * from {{ ref('int_metering__classes_seen') }}
),

meters as (
    select * from {{ ref('dim_meters') }}
),

-- A selector field that is empty selects everything; several values are parted by a bar.
matched as (
    select
        classes.class_key,
        classes.category,
        classes.event_type,
        classes.pack_id,
        classes.environment,
        classes.actor_type,
        classes.business_unit_id,
        meters.meter_id,
        meters.value_field,
        meters.aggregation,
        meters.distinct_key,
        meters.base_window,
        meters.reading_window,
        meters.effective_from_at,
        meters.effective_to_at,
        {{ dimensions_of(
            {
                'business_unit_id': 'classes.business_unit_id',
                'environment': 'classes.environment',
                'pack_id': 'classes.pack_id',
            },
            'classes.details',
            'meters.group_by',
        ) }} as dimensions,
        {{ group_value_of('classes.details', 'meters.group_by') }} as group_value,
        meters.keeps_values
        or meters.aggregation in ('max', 'min', 'latest', 'percentile', 'sum_of_maxima')
            as has_values
    from classes
    inner join meters
        on
            (meters.category is null or {{ is_listed('classes.category', 'meters.category') }})
            and (
                meters.event_type is null
                or {{ is_listed('classes.event_type', 'meters.event_type') }}
            )
            and (meters.pack_id is null or {{ is_listed('classes.pack_id', 'meters.pack_id') }})
            and (
                meters.environment is null
                or {{ is_listed('classes.environment', 'meters.environment') }}
            )
            and (
                meters.actor_type is null
                or {{ is_listed('classes.actor_type', 'meters.actor_type') }}
            )
            and {{ details_pass('classes.details', 'meters.metadata_filter') }}
),

final as (
    select
        class_key,
        category,
        event_type,
        pack_id,
        environment,
        actor_type,
        business_unit_id,
        {{ id_bucket(['meter_id', 'dimensions']) }} as series_key,
        meter_id,
        md5(dimensions) as dimensions_key,
        dimensions,
        group_value,
        value_field,
        aggregation,
        distinct_key,
        base_window,
        reading_window,
        has_values,
        effective_from_at,
        effective_to_at
    from matched
)

select * from final

with intake_days as (
    select * from {{ ref('fct_intake_days') }}
    where tenant_id <> '(unknown)'
),

plan_days as (
    select * from {{ ref('fct_plan_days') }}
),

landed_files as (
    select * from {{ ref('fct_landed_files') }}
),

statement_rows as (
    select * from {{ ref('fct_cost_statement_rows') }}
),

months as (
    select * from {{ ref('dim_months') }}
),

metadata_keys as (
    select * from {{ ref('int_quality__metadata_keys') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

newest_batches as (
    select cast(max(landed_at) as date) as landed_date
    from landed_files
    where source_folder = 'usage_events'
),

tenants as (
    select
        tenant_id,
        max(intake_date) as last_date
    from intake_days
    group by tenant_id
),

-- While others go on sending. Who seldom sends is not silent yet, and who has no plan may be.
silent_tenants as (
    select
        tenants.tenant_id,
        tenants.last_date,
        date_diff('day', tenants.last_date, any_value(newest_batches.landed_date)) - 1 as age_days,
        count(*) as active_day_count
    from tenants
    cross join newest_batches
    inner join intake_days
        on
            tenants.tenant_id = intake_days.tenant_id
            and tenants.last_date < intake_days.intake_date + 28
    where
        tenants.tenant_id in (
            select plan_days.tenant_id from plan_days
            inner join newest_batches
                on plan_days.plan_date = newest_batches.landed_date
        )
    group by
        tenants.tenant_id,
        tenants.last_date
    having count(*) >= 14
),

-- Files of one producer have one name but for numbers, such as stamps and dates, and the format.
landings as (
    select
        regexp_replace(
            regexp_replace(landed_file, '[.](ndjson|csv|parquet)([.]gz)?$', ''), '[0-9]+', '#', 'g'
        ) as source_id,
        cast(landed_at as date) as landed_date
    from landed_files
    group by
        source_id,
        landed_date
),

gaps as (
    select
        source_id,
        landed_date,
        landed_date - lag(landed_date) over (partition by source_id order by landed_date) as gap_days
    from landings
),

silent_sources as (
    select
        gaps.source_id,
        max(gaps.landed_date) as last_date,
        date_diff('day', max(gaps.landed_date), any_value(cast(as_of.as_of_at as date))) as age_days,
        max(gaps.gap_days) as longest_gap_days
    from gaps
    cross join as_of
    group by gaps.source_id
    having
        count(*) >= 8
        and date_diff('day', max(gaps.landed_date), any_value(cast(as_of.as_of_at as date)))
        > max(gaps.gap_days)
),

provider_months as (
    select
        provider,
        min(cost_month) over (partition by provider) as first_month,
        cost_month
    from statement_rows
    where row_status = 'current'
    group by
        provider,
        cost_month
),

statement_gaps as (
    select
        providers.provider,
        months.month_date,
        date_diff('day', cast(months.month_end_at as date), cast(as_of.as_of_at as date)) as age_days
    from (select distinct provider, first_month from provider_months) as providers
    inner join months
        on providers.first_month <= months.month_date
    inner join as_of
        on months.month_end_at <= as_of.as_of_at
    left join provider_months
        on
            providers.provider = provider_months.provider
            and months.month_date = provider_months.cost_month
    where provider_months.provider is null
),

final as (
    select
        {{ signal(
            'silent_producer', 'tenant', 'tenant_id', 'last_date', 'active_day_count',
            "concat('nothing for ', age_days, ' days, after ', active_day_count, ' of 28 days with events')",
            age_days='age_days'
        ) }}
    from silent_tenants
    union all
    select
        {{ signal(
            'silent_producer', 'source', 'source_id', 'last_date', '1',
            "concat('nothing for ', age_days, ' days, where ', longest_gap_days, ' was the longest')",
            age_days='age_days'
        ) }}
    from silent_sources
    union all
    select
        {{ signal(
            'statement_gap', 'provider', 'provider', 'month_date', '1',
            "concat('no statement row of ', month_date)", age_days='age_days'
        ) }}
    from statement_gaps
    union all
    select
        {{ signal(
            'schema_drift', 'metadata_key', "concat_ws('.', category, event_type, metadata_key)",
            'cast(first_landed_at as date)', 'event_count',
            "concat(value_type, ', first seen ', age_days, ' days after the first event of its type')",
            age_days='age_days'
        ) }}
    from metadata_keys
)

select * from final

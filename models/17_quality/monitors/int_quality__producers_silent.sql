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

as_of as (
    select * from {{ ref('dim_as_of') }}
),

newest_batches as (
    select cast(max(landed_at) as date) as landed_date
    from landed_files
    where source_folder = 'usage_events'
),

-- A tenant is silent while others go on sending; who has no plan any more may be.
tenant_days as (
    select
        'tenant' as producer_type,
        intake_days.tenant_id as producer_id,
        intake_days.intake_date as sent_date,
        newest_batches.landed_date - 1 as end_date
    from intake_days
    cross join newest_batches
    where
        intake_days.tenant_id in (
            select plan_days.tenant_id from plan_days
            where plan_days.plan_date = newest_batches.landed_date
        )
),

-- Files of one source have one name but for numbers, such as stamps and dates, and the format.
source_days as (
    select distinct
        'source' as producer_type,
        regexp_replace(
            regexp_replace(landed_files.landed_file, '[.](ndjson|csv|parquet)([.]gz)?$', ''),
            '[0-9]+', '#', 'g'
        ) as producer_id,
        cast(landed_files.landed_at as date) as sent_date,
        cast(as_of.as_of_at as date) as end_date
    from landed_files
    cross join as_of
),

sent as (
    select * from tenant_days
    union all
    select * from source_days
),

gaps as (
    select
        producer_type,
        producer_id,
        sent_date,
        end_date,
        sent_date - lag(sent_date) over (
            partition by producer_type, producer_id order by sent_date
        ) as gap_days
    from sent
),

-- Who seldom sends is not silent yet, only after more days than ever before.
final as (
    select
        producer_type,
        producer_id,
        max(sent_date) as last_date,
        any_value(end_date) - max(sent_date) as age_days,
        count(*) as day_count,
        max(gap_days) as longest_gap_days
    from gaps
    group by
        producer_type,
        producer_id
    having
        count(*) >= 14
        and any_value(end_date) - max(sent_date) > max(gap_days)
)

select * from final

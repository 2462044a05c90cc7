-- Intake, per landed file: lines = accepted + duplicate + rejected; statement rows = mapped +
-- rejected; lines of decisions and actions have one outcome each.
with outcomes as (
    select landed_file from {{ ref('fct_usage_events') }}
    union all
    select landed_file from {{ ref('fct_duplicate_events') }}
    union all
    select landed_file from {{ ref('fct_rejected_events') }}
    union all
    select landed_file from {{ ref('fct_cost_statement_rows') }}
    union all
    select landed_file from {{ ref('fct_rejected_cost_rows') }}
    union all
    select landed_file from {{ ref('fct_policy_lines') }}
),

counted as (
    select landed_file, count(*) as outcome_count
    from outcomes
    group by landed_file
)

select
    files.landed_file,
    files.line_count,
    counted.outcome_count
from {{ ref('fct_landed_files') }} as files
full join counted
    on files.landed_file = counted.landed_file
where coalesce(files.line_count, -1) <> coalesce(counted.outcome_count, 0)

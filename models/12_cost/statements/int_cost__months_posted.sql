with rows_grouped as (
    select * from {{ ref('int_cost__rows_grouped') }}
),

statements as (
    select * from {{ ref('fct_cost_statements') }}
),

files as (
    select * from {{ ref('stg_landing__files') }}
),

-- The same bytes landed twice are one statement: in one batch always, and later where a provider's
-- statements add up.
copies as (
    select
        landed_file,
        row_number() over (
            partition by digest order by landed_at asc, landed_file asc
        ) > 1 as is_copy,
        row_number() over (
            partition by digest, landed_at order by landed_file asc
        ) > 1 as is_copy_in_batch
    from files
),

mapping_rules as (
    select * from {{ ref('stg_catalogue__cost_mapping_rules') }}
),

months as (
    select distinct
        {{ posted_by() | join(', ') }}
    from rows_grouped
),

-- From one change of the rules to the next all months are mapped alike.
changes as (
    select effective_from_at as changed_at
    from mapping_rules
    union
    select effective_to_at as changed_at
    from mapping_rules
),

ruled as (
    select
        months.driver_month,
        max(changes.changed_at) as rules_from_at
    from months
    inner join changes
        on months.driver_month >= changes.changed_at
    group by months.driver_month
),

-- What corrects an invoice of before stands in the month in which it is billed; all else in that of
-- its charge period. What lands for a closed month stands in the first open one.
dated as (
    select
        months.*,
        ruled.rules_from_at,
        statements.landed_at,
        statements.is_superseded,
        statements.closed_before_next_month,
        copies.is_copy_in_batch
        or (copies.is_copy and statements.restatement = 'add') as is_left_out,
        greatest(
            case
                when months.is_correction and statements.correction_posting = 'billing_month'
                    then greatest(months.billing_month, months.driver_month)
                else months.driver_month
            end,
            cast(statements.closed_month + interval 1 month as date)
        ) as cost_month
    from months
    inner join statements
        on
            months.landed_file = statements.landed_file
            and months.provider_name = statements.provider
            and months.billing_account_id is not distinct from statements.billing_account_id
            and months.billing_month = statements.billing_month
    inner join copies
        on months.landed_file = copies.landed_file
    left join ruled
        on months.driver_month = ruled.driver_month
),

final as (
    select
        {{ posted_by() | join(', ') }},
        rules_from_at,
        cost_month,
        case
            when is_superseded and not is_left_out and cost_month <= closed_before_next_month
                then cast(closed_before_next_month + interval 1 month as date)
        end as reversed_in_month,
        case
            when is_left_out then 'copy'
            when is_superseded then 'superseded'
            else 'current'
        end as row_status,
        not is_left_out
        and (not is_superseded or coalesce(cost_month <= closed_before_next_month, false))
            as is_posted,
        landed_at
    from dated
)

select * from final

with lines_counted as (
    select * from {{ ref('int_usage__lines_counted') }}
),

final as (
    select
        tenant_id,
        intake_date,
        cast(sum(line_count) as bigint) as line_count
    from lines_counted
    group by
        tenant_id,
        intake_date
)

select * from final

with spans as (
    select * from {{ ref('fct_revenue_spans') }}
    where charge_key is not null
),

credits_placed as (
    select * from {{ ref('int_revenue__credits_placed') }}
    where service_month is null and issued_date is not null and not is_of_term
),

lines_netted as (
    select * from {{ ref('int_revenue__lines_netted') }}
    where is_waived and voided_at is not null
),

write_offs as (
    select * from {{ ref('int_revenue__write_offs_shared') }}
),

-- A charge that is earned in parts is changed by its first one.
first_spans as (
    select
        charge_key,
        min_by(span_id, earned_from_date) as span_id
    from spans
    group by charge_key
),

changed as (
    select
        charge_key,
        case credit_memo when 'on_issue' then 'credited_on_issue' else 'credited' end
            as change_kind,
        issued_date as changed_date,
        amount
    from credits_placed
    union all
    select
        charge_key,
        'waived' as change_kind,
        cast(voided_at as date) as changed_date,
        -amount as amount
    from lines_netted
    union all
    select
        charge_key,
        'written_off' as change_kind,
        written_off_date as changed_date,
        -lost_net_amount as amount
    from write_offs
),

measured as (
    select
        spans.*,
        changed.change_kind,
        changed.changed_date,
        changed.amount,
        {{ service_position('spans.convention', 'changed.changed_date') }} - spans.start_position
            as elapsed
    from changed
    inner join first_spans
        on changed.charge_key = first_spans.charge_key
    inner join spans
        on first_spans.span_id = spans.span_id
),

-- Of what is written off, the part that was earned by then is a bad debt; the rest will not be
-- earned any more. On issue, all of a credit is.
final as (
    select
        span_id,
        balance_key,
        change_kind,
        changed_date,
        cast(case when change_kind = 'credited_on_issue' then 0 else amount end as decimal(22, 4))
            as price_change_amount,
        cast(
            case
                when change_kind = 'credited_on_issue' then amount
                when change_kind = 'written_off'
                    then -{{ earned_part('amount', 'measured', 'changed_date', 'elapsed') }}
                else 0
            end as decimal(22, 4)
        ) as earned_change_amount
    from measured
)

select * from final

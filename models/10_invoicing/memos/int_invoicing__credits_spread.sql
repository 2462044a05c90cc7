with credits_asked as (
    select * from {{ ref('int_invoicing__credits_asked') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

in_minor_units as (
    select
        credits_asked.*,
        contracts.minor_unit,
        cast(
            credits_asked.left_amount * {{ minor_units_in_one('contracts.minor_unit') }} as hugeint
        ) as weight,
        cast(
            {{ round_money('credits_asked.act_amount', 'contracts.minor_unit') }}
            * {{ minor_units_in_one('contracts.minor_unit') }} as hugeint
        ) as asked_units
    from credits_asked
    inner join contracts
        on credits_asked.contract_id = contracts.contract_id
),

-- No more is credited than what is left; a credit that states no amount is of all of it.
capped as (
    select
        *,
        sum(weight) over credit as total_weight,
        case action
            when 'issue_debit_memo' then coalesce(asked_units, 0)
            else {{ earlier_of(
                'coalesce(asked_units, sum(weight) over credit)', 'sum(weight) over credit'
            ) }}
        end as memo_units
    from in_minor_units
    window credit as (partition by action_id)
),

shared as (
    select
        *,
        {{ share_floor('memo_units', 'weight', 'total_weight') }} as floor_units,
        row_number() over (
            partition by action_id
            order by
                {{ share_remainder('memo_units', 'weight', 'total_weight') }} desc,
                charge_key asc
        ) as remainder_rank
    from capped
),

topped_up as (
    select
        *,
        floor_units + case
            when remainder_rank <= memo_units - sum(floor_units) over (partition by action_id)
                then 1
            else 0
        end as units
    from shared
),

final as (
    select
        action_id,
        billing_period_id,
        contract_id,
        invoice_id,
        version,
        charge_key,
        charge_id,
        line_type,
        line_code,
        pack_id,
        plan_line_id,
        description,
        {{ from_minor_units(
            "case action when 'issue_debit_memo' then units else -units end", 'minor_unit'
        ) }} as amount,
        reason,
        segment_start_at,
        segment_end_at
    from topped_up
    where units <> 0
)

select * from final

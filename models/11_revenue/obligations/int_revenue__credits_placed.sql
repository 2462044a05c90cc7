with lines_netted as (
    select * from {{ ref('int_revenue__lines_netted') }}
    where agreed_by_action_id is not null and voided_at is null
),

revenue_charges as (
    select * from {{ ref('fct_revenue_charges') }}
),

actions_allowed as (
    select
        action_id,
        {{ json_value('payload', "'service_month'") }} as service_month
    from {{ ref('fct_actions_allowed') }}
),

placed as (
    select
        lines_netted.line_id,
        lines_netted.charge_key,
        revenue_charges.balance_key,
        revenue_charges.is_of_term,
        revenue_charges.contract_id,
        revenue_charges.tenant_id,
        revenue_charges.pack_id,
        revenue_charges.line_code,
        revenue_charges.currency_code,
        revenue_charges.minor_unit,
        revenue_charges.is_internal,
        revenue_charges.credit_memo,
        lines_netted.amount,
        cast(lines_netted.issued_at as date) as issued_date,
        try_cast(actions_allowed.service_month || '-01' as date) as service_month
    from lines_netted
    inner join revenue_charges
        on lines_netted.charge_key = revenue_charges.charge_key
    left join actions_allowed
        on lines_netted.agreed_by_action_id = actions_allowed.action_id
),

-- A credit for a service that failed belongs to the month in which it did; any other changes the
-- price from its day on.
final as (
    select
        line_id,
        charge_key,
        case when service_month is null then balance_key else line_id end as balance_key,
        contract_id,
        tenant_id,
        pack_id,
        line_code,
        case when service_month is null then 'credit' else 'sla_credit' end as revenue_kind,
        currency_code,
        minor_unit,
        is_internal,
        is_of_term,
        credit_memo,
        amount,
        service_month,
        issued_date,
        coalesce({{ months_after('service_month', 1) }} - 1, issued_date) as earned_date
    from placed
)

select * from final

with lines_netted as (
    select * from {{ ref('int_revenue__lines_netted') }}
    where issued_at is not null and voided_at is null
),

receivables as (
    select * from {{ ref('fct_receivables') }}
    where written_off_amount > 0
),

write_offs as (
    select
        subject_id as invoice_id,
        cast(min(acted_at) as date) as written_off_date
    from {{ ref('fct_actions_allowed') }}
    where action = 'write_off'
    group by subject_id
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

asked as (
    select
        lines_netted.invoice_id,
        lines_netted.charge_key,
        max(lines_netted.contract_id) as contract_id,
        sum(lines_netted.amount) as net_amount,
        sum(lines_netted.amount + lines_netted.tax_amount) as gross_amount
    from lines_netted
    group by
        lines_netted.invoice_id,
        lines_netted.charge_key
    having sum(lines_netted.amount + lines_netted.tax_amount) > 0
),

weighed as (
    select
        asked.invoice_id,
        asked.charge_key,
        contracts.minor_unit,
        write_offs.written_off_date,
        asked.net_amount,
        asked.gross_amount,
        cast(
            receivables.written_off_amount * {{ minor_units_in_one('contracts.minor_unit') }}
            as hugeint
        ) as lost_units,
        {{ to_nanos('asked.gross_amount') }} as weight,
        sum({{ to_nanos('asked.gross_amount') }}) over (partition by asked.invoice_id)
            as total_weight
    from asked
    inner join receivables
        on asked.invoice_id = receivables.invoice_id
    inner join write_offs
        on asked.invoice_id = write_offs.invoice_id
    inner join contracts
        on asked.contract_id = contracts.contract_id
),

shared as (
    select
        *,
        cast({{ largest_remainder_share(
            'lost_units', 'weight', 'total_weight', 'invoice_id', 'charge_key'
        ) }} as hugeint) as lost_share
    from weighed
),

-- What is lost of an invoice is lost of its lines, with their part of the tax.
final as (
    select
        invoice_id,
        charge_key,
        written_off_date,
        {{ from_minor_units('lost_share', 'minor_unit') }} as lost_amount,
        {{ from_minor_units(
            half_away_quotient('lost_share * ' ~ to_nanos('net_amount'), to_nanos('gross_amount')),
            'minor_unit',
        ) }} as lost_net_amount
    from shared
)

select * from final

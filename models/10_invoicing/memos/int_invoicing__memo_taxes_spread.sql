with memo_lines as (
    select * from {{ ref('int_invoicing__memo_lines_drafted') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

tax_terms as (
    select * from {{ ref('dim_tax_terms') }}
),

document_lines as (
    select * from {{ ref('fct_document_lines') }}
    where document_kind = 'invoice'
),

line_taxes as (
    select * from {{ ref('fct_document_line_taxes') }}
),

-- A memo is taxed as what it corrects; a charge that was not on the invoice, as its first line.
corrected as (
    select
        memo_lines.document_id,
        memo_lines.line_number,
        coalesce(
            max(lines.document_line_id) filter (where lines.charge_key = memo_lines.charge_key),
            min_by(lines.document_line_id, lines.line_number)
        ) as document_line_id
    from memo_lines
    inner join document_lines as lines
        on
            memo_lines.invoice_id = lines.invoice_id
            and memo_lines.version = lines.version
    group by
        memo_lines.document_id,
        memo_lines.line_number
),

rated as (
    select
        memo_lines.document_id,
        memo_lines.line_number,
        line_taxes.tax_name,
        line_taxes.tax_ratio,
        line_taxes.tax_treatment,
        contracts.minor_unit,
        memo_lines.amount,
        memo_lines.memo_reason = 'late' and tax_terms.prices_include_tax as includes_tax,
        sum(line_taxes.tax_ratio) over (
            partition by memo_lines.document_id, memo_lines.line_number
        ) as all_ratio
    from memo_lines
    inner join contracts
        on memo_lines.contract_id = contracts.contract_id
    inner join tax_terms
        on memo_lines.contract_id = tax_terms.contract_id
    inner join corrected
        on
            memo_lines.document_id = corrected.document_id
            and memo_lines.line_number = corrected.line_number
    inner join line_taxes
        on corrected.document_line_id = line_taxes.document_line_id
),

-- Tax that is in the price is its part of price and tax.
measured as (
    select
        *,
        cast({{ half_away_quotient(
            'cast(amount * 10000 as hugeint) * cast(tax_ratio * 1000000000 as hugeint)'
            ~ ' * 1000000000 * ' ~ minor_units_in_one('minor_unit'),
            'cast((1 + case when includes_tax then all_ratio else 0 end) * 1000000000 as hugeint)',
        ) }} as decimal(38, 0)) * 0.0000000000001 as exact_tax_units
    from rated
),

-- Rounded once for the memo and rate, and spread by largest remainder.
floored as (
    select
        *,
        floor(exact_tax_units) as tax_floor,
        round(sum(exact_tax_units) over tax, 0) - sum(floor(exact_tax_units)) over tax as left_over,
        row_number() over (
            partition by document_id, tax_name, tax_ratio
            order by exact_tax_units - floor(exact_tax_units) desc, line_number asc
        ) as remainder_rank
    from measured
    window tax as (partition by document_id, tax_name, tax_ratio)
),

final as (
    select
        document_id,
        line_number,
        tax_name,
        tax_ratio,
        tax_treatment,
        amount,
        includes_tax,
        {{ from_minor_units(
            'tax_floor + case when remainder_rank <= left_over then 1 else 0 end', 'minor_unit'
        ) }} as tax_amount
    from floored
)

select * from final

{%- set reaches = ['usage', 'billed', 'document', 'revenue', 'cost', 'journal', 'margin'] -%}
{#- Seam: what identity of the books it is, and what its two sides are. -#}
{%- set seams = [
    ('intake', 'landed lines', 'accepted, duplicate and rejected'),
    ('metering', 'current readings', 'rated, unpriced and not billable'),
    ('usage_to_cash', 'rated net', 'invoiced, memos, pending, waived and rounding'),
    ('billed', 'charges', 'invoice and memo lines, issued or drafted'),
    ('invoice', 'net lines and tax', 'totals of documents'),
    ('receivable', 'issued less paid, voided and credited', 'open and written off'),
    ('revenue', 'recognised and left on the balance sheet', 'issued before tax'),
    ('deferred_revenue', 'opening, billed and recognised', 'closing'),
    ('recurring_revenue', 'opening and movements', 'closing'),
    ('billed_cost', 'statements', 'direct, allocated, idle and unallocated'),
    ('effective_cost', 'statements', 'direct, allocated, idle and unallocated'),
    ('cost_pools', 'pools', 'their allocations and what has no home'),
    ('commitment', 'bought', 'used, run out unused and left'),
    ('journal', 'debits', 'credits'),
    ('journal_usd', 'debits in USD', 'credits in USD'),
    ('revenue_accounts', 'accounts of revenue', 'recognised revenue'),
    ('receivable_account', 'account of receivables', 'open invoices'),
    ('deferred_account', 'account of deferred revenue', 'deferred by contract'),
    ('unbilled_account', 'account of unbilled receivables', 'unbilled by contract'),
    ('cost_accounts', 'accounts of cost', 'attributed and unallocated cost'),
    ('margin', 'tenants', 'packs'),
    ('wallet', 'granted', 'drawn, expired and left'),
] -%}
with
{% for reach in reaches -%}
    {{ reach }}_seams as (
        select * from {{ ref('int_quality__' ~ reach ~ '_seams') }}
    ),

{% endfor -%}
sides as (
    {% for reach in reaches -%}
        select
            seam,
            side,
            subject_id,
            unit,
            amount
        from {{ reach }}_seams
        {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

-- One amount that is not known makes its side unknown.
subjects as (
    select
        seam,
        subject_id,
        unit,
        case
            when not bool_or(side = 1 and amount is null)
                then sum(case when side = 1 then amount else 0 end)
        end as first_amount,
        case
            when not bool_or(side = 2 and amount is null)
                then sum(case when side = 2 then amount else 0 end)
        end as second_amount
    from sides
    group by
        seam,
        subject_id,
        unit
),

named (seam_number, seam, first_side, second_side) as (
    values
    {% for seam, first_side, second_side in seams -%}
        (
            {{ loop.index }}, '{{ seam }}',
            '{{ first_side }}', '{{ second_side }}'
        ){{ ',' if not loop.last }}
    {% endfor -%}
),

-- A seam that has nothing to compare is a row too.
final as (
    select
        named.seam_number,
        named.seam,
        coalesce(subjects.unit, '(none)') as seam_unit,
        named.first_side,
        named.second_side,
        cast(coalesce(sum(subjects.first_amount), 0) as decimal(38, 12)) as first_amount,
        cast(coalesce(sum(subjects.second_amount), 0) as decimal(38, 12)) as second_amount,
        cast(coalesce(sum(subjects.first_amount - subjects.second_amount), 0) as decimal(38, 12))
            as difference_amount,
        count(subjects.subject_id) as subject_count,
        count(*) filter (
            where coalesce(
                subjects.first_amount <> subjects.second_amount,
                (subjects.first_amount is null) <> (subjects.second_amount is null)
            )
        ) as differing_count
    from named
    left join subjects
        on named.seam = subjects.seam
    group by
        named.seam_number,
        named.seam,
        coalesce(subjects.unit, '(none)'),
        named.first_side,
        named.second_side
)

select * from final

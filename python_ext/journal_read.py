"""The journal of a month, read from what is published, for its export."""

from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from python_ext.errors import MeterhouseError
from python_ext.export_journal import COST, Line

JOURNAL = """
    with tenants as (
        select tenant_id, min(issuing_entity_id) as issuing_entity_id
        from dim_contracts
        group by tenant_id
        having count(distinct issuing_entity_id) = 1
    )
    select
        lines.entry_id, lines.source_type, lines.posted_date, accounts.gl_code,
        accounts.account_name, lines.debit_amount - lines.credit_amount as amount,
        lines.debit_usd - lines.credit_usd as amount_usd, lines.currency_code,
        coalesce(currencies.minor_unit, 2) as minor_unit, lines.tenant_id, lines.description,
        coalesce(contracts.issuing_entity_id, tenants.issuing_entity_id) as subsidiary
    from fct_journal_lines as lines
    inner join dim_accounts as accounts on lines.account_id = accounts.account_id
    left join dim_currencies as currencies on lines.currency_code = currencies.currency_code
    left join dim_contracts as contracts on lines.contract_id = contracts.contract_id
    left join tenants on lines.tenant_id = tenants.tenant_id
    where date_trunc('month', lines.posted_date) = ?
    order by lines.journal_line_id
"""


def read(published: Path, month: date, subsidiary: str | None) -> list[Line]:
    """The lines posted in `month`. Cost, and what is of no customer, is of `subsidiary`.

    Raises MeterhouseError where nothing is published or posted, or a line needs a subsidiary.
    """
    if not published.is_file():
        raise MeterhouseError(str(published), "nothing is published", "run meterhouse build")
    with closing(duckdb.connect(published, read_only=True)) as connection:
        found = connection.execute(JOURNAL, [month])
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    if not rows:
        raise MeterhouseError(f"{month:%Y-%m}", "nothing is posted in it", "choose another month")
    lines = []
    for row in rows:
        is_cost = row["source_type"] in COST
        whose = subsidiary if is_cost else row["subsidiary"] or subsidiary
        if whose is None:
            raise MeterhouseError(
                f"{month:%Y-%m}",
                f"an entry of {row['source_type']} is of no issuing entity",
                "say whose it is with --subsidiary",
            )
        lines.append(
            Line(
                entry_id=row["entry_id"],
                source_type=row["source_type"],
                posted_date=row["posted_date"],
                gl_code=row["gl_code"],
                account_name=row["account_name"],
                amount=row["amount"],
                amount_usd=row["amount_usd"],
                currency_code=row["currency_code"] or "",
                step=Decimal(1).scaleb(-row["minor_unit"]),
                subsidiary=whose,
                entity="" if is_cost else row["tenant_id"] or "",
                memo=row["description"],
            )
        )
    return lines

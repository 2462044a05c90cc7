"""The journal's export balances in every record, and says where it left something out."""

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from python_ext.cli import app
from python_ext.errors import MeterhouseError
from python_ext.export_journal import Line, as_csv, rows

CENT = Decimal("0.01")


def line(account: str, amount: str, usd: str | None = None, **changes: Any) -> Line:
    facts: dict[str, Any] = {
        "entry_id": "e1",
        "source_type": "invoice",
        "posted_date": date(2026, 3, 5),
        "gl_code": account,
        "account_name": f"Account {account}",
        "amount": Decimal(amount),
        "amount_usd": None if usd == "unknown" else Decimal(usd or amount),
        "currency_code": "USD",
        "step": CENT,
        "subsidiary": "summit-us",
        "entity": "acme-robotics",
        "memo": "invoice d1",
    }
    return Line(**facts | changes)


def brief(made: tuple[dict[str, str], ...]) -> list[tuple[str, ...]]:
    names = ("External ID", "Currency", "Exchange Rate", "Account", "Debit", "Credit")
    return [tuple(row[name] for name in names) for row in made]


def test_an_entry_is_a_record_with_its_rate() -> None:
    made = rows(
        [
            line("1100", "119", "130.9", currency_code="EUR"),
            line("2100", "-100", "-110", currency_code="EUR"),
            line("2300", "-19", "-20.9", currency_code="EUR"),
        ]
    )
    assert (made.entry_count, made.too_small) == (1, ())
    assert made.rows[0] == {
        "External ID": "e1",
        "Date": "2026-03-05",
        "Subsidiary": "summit-us",
        "Currency": "EUR",
        "Exchange Rate": "1.1",
        "Memo": "invoice d1",
        "Line Number": "1",
        "Account": "1100",
        "Account Name": "Account 1100",
        "Debit": "119.00",
        "Credit": "",
        "Entity": "acme-robotics",
    }
    assert brief(made.rows[1:]) == [
        ("e1", "EUR", "1.1", "2100", "", "100.00"),
        ("e1", "EUR", "1.1", "2300", "", "19.00"),
    ]


def test_without_a_rate_the_import_chooses_it() -> None:
    made = rows(
        [
            line("1000", "5", "unknown", currency_code="CHF"),
            line("2250", "-5", "unknown", currency_code="CHF"),
        ]
    )
    assert brief(made.rows) == [
        ("e1", "CHF", "", "1000", "5.00", ""),
        ("e1", "CHF", "", "2250", "", "5.00"),
    ]


def test_what_changes_in_the_reporting_currency_alone_is_a_record_in_it() -> None:
    made = rows(
        [
            line("1100", "0", "1.5", currency_code="JPY", step=Decimal(1)),
            line("7000", "0", "-1.5", currency_code="JPY", step=Decimal(1)),
            line("1150", "100", "0.7", currency_code="JPY", step=Decimal(1), entry_id="e2"),
            line("2100", "-100", "-0.65", currency_code="JPY", step=Decimal(1), entry_id="e2"),
            line("2150", "0", "-0.05", currency_code="JPY", step=Decimal(1), entry_id="e2"),
        ]
    )
    assert brief(made.rows) == [
        ("e1-usd", "USD", "1", "1100", "1.50", ""),
        ("e1-usd", "USD", "1", "7000", "", "1.50"),
        ("e2", "JPY", "0.007", "1150", "100", ""),
        ("e2", "JPY", "0.007", "2100", "", "100"),
        ("e2-usd", "USD", "1", "2100", "0.05", ""),
        ("e2-usd", "USD", "1", "2150", "", "0.05"),
    ]


def test_cost_in_fractions_of_a_cent_is_one_record_a_month_and_nothing_of_it_is_lost() -> None:
    made = rows(
        part
        for number in range(1000)
        for part in (
            line("5000", "0.004", source_type="cost_attribution", entry_id=f"c{number}"),
            line("2000", "-0.004", source_type="cost_attribution", entry_id=f"c{number}"),
        )
    )
    assert brief(made.rows) == [
        ("cost-2026-03-summit-us-USD", "USD", "1", "2000", "", "4.00"),
        ("cost-2026-03-summit-us-USD", "USD", "1", "5000", "4.00", ""),
    ]
    assert {row["Entity"] for row in made.rows} == {""}


def test_an_entry_of_less_than_half_a_minor_unit_is_left_out_and_told() -> None:
    made = rows([line("1000", "0.004"), line("2250", "-0.004")])
    assert (made.rows, made.entry_count, made.too_small) == ((), 0, ("e1",))


AMOUNTS = st.lists(st.decimals(-(10**6), 10**6, places=12), min_size=1, max_size=6)


@given(st.lists(AMOUNTS, min_size=1, max_size=5), st.decimals("0.001", 400, places=9))
def test_every_record_balances_at_the_minor_unit(
    entries: list[list[Decimal]], rate: Decimal
) -> None:
    lines = [
        line(
            f"{1000 + place}",
            str(amount),
            str(amount * rate),
            entry_id=f"e{number}",
            currency_code="EUR",
        )
        for number, amounts in enumerate(entries)
        for place, amount in enumerate([*amounts, -sum(amounts, Decimal(0))])
    ]
    made = rows(lines)
    balances: dict[str, Decimal] = defaultdict(Decimal)
    for row in csv.DictReader(StringIO(as_csv(made.rows))):
        assert bool(row["Debit"]) != bool(row["Credit"])
        amount = Decimal(row["Debit"] or 0) - Decimal(row["Credit"] or 0)
        assert amount == amount.quantize(CENT)
        balances[row["External ID"]] += amount
    assert set(balances.values()) <= {0}
    assert made.entry_count + len(made.too_small) == len(entries)


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two entries of March, one of them of cost, and one of April."""
    folder = tmp_path / "published"
    folder.mkdir()
    monkeypatch.setenv("METERHOUSE_PUBLISHED", str(folder))
    with duckdb.connect(folder / "meterhouse.duckdb") as connection:
        connection.execute("""
            create table dim_accounts as from (values
                ('cash', 'Cash', '1000'), ('unapplied', 'Unapplied cash', '2250'),
                ('cogs', 'Cost', '5000'), ('accrued', 'Accrued cost', '2000')
            ) as t(account_id, account_name, gl_code);
            create table dim_currencies as select 'USD' as currency_code, 2 as minor_unit;
            create table dim_contracts as from (values
                ('c1', 'acme', 'summit-us'), ('c2', 'two', 'summit-us'), ('c3', 'two', 'summit-eu')
            ) as t(contract_id, tenant_id, issuing_entity_id);
            create table fct_journal_lines as
            select
                concat(entry_id, account_id) as journal_line_id, entry_id, account_id,
                cast(contract_id as varchar) as contract_id,
                tenant_id, source_type, entry_id as description,
                cast(posted_date as date) as posted_date,
                cast(greatest(amount, 0) as decimal(38, 12)) as debit_amount,
                cast(greatest(-amount, 0) as decimal(38, 12)) as credit_amount,
                cast(greatest(amount, 0) as decimal(38, 12)) as debit_usd,
                cast(greatest(-amount, 0) as decimal(38, 12)) as credit_usd,
                'USD' as currency_code
            from (values
                ('paid', 'cash', null, 'acme', 'payment', '2026-03-05', 7),
                ('paid', 'unapplied', null, 'acme', 'payment', '2026-03-05', -7),
                ('used', 'cogs', null, 'acme', 'cost_attribution', '2026-03-31', 1),
                ('used', 'accrued', null, 'acme', 'cost_attribution', '2026-03-31', -1),
                ('later', 'cash', null, 'two', 'payment', '2026-04-01', 5),
                ('later', 'unapplied', null, 'two', 'payment', '2026-04-01', -5)
            ) as t(entry_id, account_id, contract_id, tenant_id, source_type, posted_date, amount)
        """)
    return folder


def export(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["export", "journal", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_month_of_the_journal_is_written(published: Path, tmp_path: Path) -> None:
    out = tmp_path / "journal.csv"
    told = export("--month", "2026-03", "--out", str(out), "--subsidiary", "summit-group")
    assert "entries: 2, rows: 4" in told
    with out.open(newline="") as stream:
        found = list(csv.DictReader(stream))
    assert [(row["External ID"], row["Subsidiary"], row["Entity"]) for row in found] == [
        ("paid", "summit-us", "acme"),
        ("paid", "summit-us", "acme"),
        ("cost-2026-03-summit-group-USD", "summit-group", ""),
        ("cost-2026-03-summit-group-USD", "summit-group", ""),
    ]
    first = out.read_bytes()
    export("--month", "2026-03", "--out", str(out), "--subsidiary", "summit-group")
    assert out.read_bytes() == first


@pytest.mark.parametrize(
    ("month", "rule"),
    [
        ("2026-03", "an entry of cost_attribution is of no issuing entity"),
        ("2026-04", "an entry of payment is of no issuing entity"),
        ("2026-05", "nothing is posted in it"),
    ],
)
def test_what_cannot_be_exported_is_refused(
    published: Path, tmp_path: Path, month: str, rule: str
) -> None:
    with pytest.raises(MeterhouseError, match=rule):
        export("--month", month, "--out", str(tmp_path / "out.csv"))
    assert not (tmp_path / "out.csv").exists()


def test_nothing_published_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METERHOUSE_PUBLISHED", str(tmp_path))
    with pytest.raises(MeterhouseError, match="nothing is published"):
        export("--month", "2026-03", "--out", str(tmp_path / "out.csv"))

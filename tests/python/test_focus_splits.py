"""Statement rows as FOCUS 1.3: allocated rows add up to the charge, and say how it was split."""

import csv
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from python_ext import focus_splits
from python_ext.cli import app
from python_ext.errors import MeterhouseError
from tests.python.cost_books import AWS, NEW, OLD, allocation, books, land, month, publish

Content = dict[str, list[dict[str, Any]]]

Write = Callable[..., focus_splits.Written]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(
        out: Path, content: Content | None = None, of: str = "2026-01"
    ) -> focus_splits.Written:
        content = content or books()
        published = publish(tmp_path / "published", content)
        return focus_splits.write(published, land(tmp_path / "landing", content), month(of), out)

    return write


def split_of(rows: list[dict[str, Any]], number: int, file: str = AWS) -> list[dict[str, Any]]:
    return [row for row in rows if (row["x_LandedFile"], row["x_LineNumber"]) == (file, number)]


def total(rows: list[dict[str, Any]], name: str) -> Decimal:
    return sum((row[name] for row in rows), Decimal(0))


def elements(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(row["AllocatedMethodDetails"], parse_float=Decimal)[
        "Elements"
    ]
    return found


def test_allocated_rows_add_up_to_their_charge(write: Write, tmp_path: Path) -> None:
    written = write(tmp_path / "splits.parquet")
    rows = pq.read_table(tmp_path / "splits.parquet").to_pylist()
    assert (written.charge_count, written.row_count, len(rows)) == (5, 14, 14)
    for number, billed, effective in ((1, 10, 9), (2, 20, 18), (3, -3, -3)):
        own = split_of(rows, number)
        assert len(own) == 4
        assert total(own, "BilledCost") == billed
        assert total(own, "EffectiveCost") == effective
        assert total(own, "ListCost") == Decimal("1.0000000000000001")
        assert total(own, "ConsumedQuantity") == 10
        assert {row["ListUnitPrice"] for row in own} == {Decimal("0.5")}
        ratios = [element["AllocatedRatio"] for row in own for element in elements(row)]
        assert sum(ratios) == 1
        assert all(0 <= ratio <= 1 for ratio in ratios)
    acme = [row for row in rows if row["AllocatedResourceId"] == "acme"]
    assert total(acme, "BilledCost") == Decimal("18.68")
    assert total(acme, "EffectiveCost") == Decimal("16.16")


def test_a_tenant_with_several_drivers_has_an_element_for_each(
    write: Write, tmp_path: Path
) -> None:
    write(tmp_path / "splits.parquet")
    rows = pq.read_table(tmp_path / "splits.parquet").to_pylist()
    acme, *others = sorted(split_of(rows, 1), key=lambda row: row["AllocatedResourceId"] or "~")
    assert acme["AllocatedMethodId"] == "down:1"
    assert acme["AllocatedResourceName"] == "Acme Robotics"
    assert json.loads(acme["AllocatedTags"]) == {
        "tenant_id": "acme",
        "pack_id": "core",
        "capability": "engine",
    }
    by_runs, by_cost = elements(acme)
    assert by_runs == {
        "AllocatedRatio": Decimal("0.24"),
        "UsageUnit": "runs",
        "UsageQuantity": 6,
        "x_SharePath": "down:1:1 > load:2:1",
    }
    assert by_cost["UsageUnit"] == "direct_cost"
    assert others[0]["AllocatedResourceId"] == "beta"
    assert {
        (row["x_AllocationMethod"], row["AllocatedResourceId"], elements(row)[0]["x_Reason"])
        for row in others[1:]
    } == {("idle", None, "idle"), ("unallocated", None, "driver_is_zero")}
    assert all(row["AllocatedTags"] is None for row in others[1:])


def test_other_rows_stay_as_they_are(write: Write, tmp_path: Path) -> None:
    write(tmp_path / "splits.parquet")
    rows = pq.read_table(tmp_path / "splits.parquet").to_pylist()
    (direct,) = split_of(rows, 4)
    assert direct["BilledCost"] == Decimal("0.000000000001")
    assert direct["AllocatedMethodId"] is None
    assert direct["ServiceProviderName"] == "AWS"
    assert direct["BillingPeriodEnd"].isoformat() == "2026-02-01T00:00:00+00:00"
    assert (direct["x_TenantId"], direct["x_OtherColumns"]) == ("acme", '{"x_Own":"kept"}')
    assert split_of(rows, 1, OLD)[0]["x_IsTakenBack"] is False


def test_what_was_taken_back_is_a_correction_below_zero(write: Write, tmp_path: Path) -> None:
    write(tmp_path / "splits.parquet", of="2026-02")
    rows = pq.read_table(tmp_path / "splits.parquet").to_pylist()
    (back,) = split_of(rows, 1, OLD)
    assert (back["BilledCost"], back["ConsumedQuantity"]) == (-5, -10)
    assert (back["ChargeClass"], back["x_IsTakenBack"]) == ("Correction", True)
    (anew,) = split_of(rows, 1, NEW)
    assert (anew["BilledCost"], anew["ChargeClass"]) == (6, None)


def test_more_use_than_there_was_has_no_ratio_from_0_to_1(write: Write, tmp_path: Path) -> None:
    content = books()
    content["fct_unallocated_costs"] = []
    content["fct_cost_allocations"][1:4] = [
        allocation("b", "beta", "30.52", "28.24", share_ratio="1.176666666667"),
        allocation("idle", "(idle)", "-10", "-10", share_ratio="-0.416666666667"),
    ]
    written = write(tmp_path / "splits.parquet", content)
    assert written.pools_out_of_range == ("shared",)
    rows = split_of(pq.read_table(tmp_path / "splits.parquet").to_pylist(), 1)
    assert [row["AllocatedMethodDetails"] for row in rows] == [None, None, None]
    assert {row["AllocatedMethodId"] for row in rows} == {"down:1"}
    assert {row["x_TenantId"]: row["x_ShareRatio"] for row in rows}["(idle)"] == Decimal(
        "-0.416666666667"
    )
    assert total(rows, "BilledCost") == 10
    assert total(rows, "ConsumedQuantity") == 10


def test_a_csv_says_the_same_without_exponents(write: Write, tmp_path: Path) -> None:
    write(tmp_path / "splits.csv")
    with (tmp_path / "splits.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == focus_splits.SCHEMA.names
    assert len(rows) == 14
    (direct,) = (
        row for row in rows if row["x_AllocationMethod"] == "direct" and AWS in row.values()
    )
    assert direct["BilledCost"] == "0.000000000001"
    assert direct["BillingPeriodEnd"] == "2026-02-01T00:00:00Z"
    assert direct["ContractedCost"] == ""
    assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal("32.000000000001")


def test_an_export_is_the_same_each_time(write: Write, tmp_path: Path) -> None:
    content = books()
    published = publish(tmp_path / "again", content)
    landing = land(tmp_path / "again", content)
    for suffix in ("csv", "parquet"):
        write_once = tmp_path / f"one.{suffix}", tmp_path / f"two.{suffix}"
        for out in write_once:
            focus_splits.write(published, landing, month("2026-01"), out)
        assert write_once[0].read_bytes() == write_once[1].read_bytes()
    assert not list(tmp_path.glob(".*.partial"))


def without_a_row(content: Content) -> None:
    del content["fct_cost_statement_rows"][1]


def without_a_pool(content: Content) -> None:
    del content["fct_cost_pools"][0]


@pytest.mark.parametrize("change", [without_a_row, without_a_pool])
def test_a_month_that_was_closed_with_other_costs_is_refused(
    write: Write, tmp_path: Path, change: Callable[[Content], None]
) -> None:
    content = books()
    change(content)
    with pytest.raises(MeterhouseError, match=r"2026-01: 1 cost pool .* closed with others"):
        write(tmp_path / "splits.csv", content)
    assert not (tmp_path / "splits.csv").exists()


def test_what_cannot_be_written_is_refused(write: Write, tmp_path: Path) -> None:
    with pytest.raises(MeterhouseError, match=r"ends in \.parquet or \.csv"):
        write(tmp_path / "splits.xlsx")
    with pytest.raises(MeterhouseError, match="2025-01: no cost is posted in this month"):
        focus_splits.write(
            publish(tmp_path / "none", books()), tmp_path, month("2025-01"), tmp_path / "a.csv"
        )
    with pytest.raises(MeterhouseError, match="nothing is published"):
        focus_splits.write(tmp_path / "no", tmp_path, month("2026-01"), tmp_path / "a.csv")


@pytest.mark.parametrize("text", ["1,5", "NaN", "1E-19", "100000000000000000000"])
def test_a_number_that_does_not_fit_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    published, landing = publish(tmp_path / "p", books()), land(tmp_path / "l", books())
    path = landing / AWS
    lines = path.read_text().replace("1.0000000000000001", f'"{text}"', 1)
    path.write_text(lines)
    with pytest.raises(MeterhouseError, match=f"{AWS}:1, ListCost: a number has 20 digits"):
        focus_splits.write(published, landing, month("2026-01"), tmp_path / "a.csv")


def test_the_command_counts_rows_and_reads_a_month(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METERHOUSE_PUBLISHED", str(publish(tmp_path / "p", books()).parent))
    monkeypatch.setenv("METERHOUSE_LANDING", str(land(tmp_path / "l", books())))
    arguments = ["export", "focus-splits", "--out", str(tmp_path / "a.csv"), "--month"]
    result = CliRunner().invoke(app, [*arguments, "2026-01"], catch_exceptions=False)
    assert "charges: 5, rows: 14" in result.output
    with pytest.raises(MeterhouseError, match="--month: a month reads YYYY-MM, found May"):
        CliRunner().invoke(app, [*arguments, "May"], catch_exceptions=False)

"""Robust scores: what is usual, what is far from it, and what no later day may change."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_ext.anomalies import KINDS, LARGEST, anomalies_scored, robust_scores

FIRST = date(2026, 1, 5)

SERIES = pa.schema(
    [
        ("measure", pa.string()),
        ("series_id", pa.string()),
        ("period_date", pa.date32()),
        ("observed", pa.decimal128(38, 9)),
        ("item_count", pa.int64()),
        ("end_date", pa.date32()),
    ]
)


def daily(values: list[float], measure: str = "events") -> list[dict[str, Any]]:
    """A row per day from Monday on that is not 0; the day after the last is not over."""
    end = FIRST + timedelta(days=len(values))
    return [
        {
            "measure": measure,
            "series_id": "t:c",
            "period_date": FIRST + timedelta(days=number),
            "observed": Decimal(str(value)),
            "item_count": max(int(value), 1),
            "end_date": end,
        }
        for number, value in enumerate(values)
        if value
    ]


def scored(rows: list[dict[str, Any]]) -> list[tuple[str, date, float]]:
    found = anomalies_scored(pa.Table.from_pylist(rows, schema=SERIES)).to_pylist()
    return [(row["monitor"], row["period_date"], float(row["score"])) for row in found]


def test_a_calm_series_has_no_anomaly_and_no_rows_are_fine() -> None:
    week = [100, 100, 100, 100, 100, 20, 0]
    assert scored(daily(week * 8)) == []
    assert scored([]) == []


def test_a_surge_and_a_drop_are_measured_against_the_same_weekday() -> None:
    values = [100.0, 100, 100, 100, 100, 20, 0] * 6
    values[35] = 400  # a Monday: 10 is the deviation, by chance and by the least spread alike
    values[40] = 100  # a Saturday that is like a weekday
    values[38] = 0
    day = [FIRST + timedelta(days=number) for number in (35, 38, 40)]
    found = scored(daily(values))
    assert [row[:2] for row in found] == [
        ("usage_surge", day[0]),
        ("usage_drop", day[1]),
        ("usage_surge", day[2]),
    ]
    assert [row[2] for row in found] == pytest.approx([30, -10, 80 / np.sqrt(20)], abs=1e-6)


def test_four_peers_are_needed_and_eight_are_looked_at() -> None:
    month = [10.0] + [0.0] * 6
    assert scored(daily([*month * 3, 500])) == []
    assert [row[0] for row in scored(daily([*month * 4, 500]))] == ["usage_surge"]
    # After eight weeks on a new level, the old one is forgotten.
    risen = [*month * 8, *[500.0, *[0.0] * 6] * 9]
    assert scored(daily(risen))[-1][1] < FIRST + timedelta(weeks=16)


def test_silence_counts_to_the_last_day_that_is_over() -> None:
    rows = daily([50.0] * 40)
    for row in rows:
        row["end_date"] = FIRST + timedelta(days=42)
    assert [row[:2] for row in scored(rows)] == [
        ("usage_drop", FIRST + timedelta(days=40)),
        ("usage_drop", FIRST + timedelta(days=41)),
    ]


def test_cost_is_compared_month_by_month_and_not_given_to_chance() -> None:
    months = [date(2025, month, 1) for month in range(1, 8)]
    rows = [
        {
            "measure": "cost",
            "series_id": "aws:ec2:USD",
            "period_date": month,
            "observed": Decimal(-100 if month.month == 7 else 100),
            "item_count": 1,
            "end_date": date(2025, 8, 1),
        }
        for month in months
    ]
    assert scored(rows) == [("cost_drop", date(2025, 7, 1), -20.0)]


def test_rows_may_come_in_any_order() -> None:
    rows = daily([10.0, 3, 5, 8, 1, 0, 7] * 8 + [900])
    assert scored(rows[::-1]) == scored(rows) != []


series = st.lists(st.integers(0, 10**6).map(float), min_size=1, max_size=120)


@given(series, series)
def test_no_later_day_changes_what_is_said_of_an_earlier_one(
    values: list[float], later: list[float]
) -> None:
    kind = KINDS["events"]
    before = robust_scores(np.array(values), np.array(values), kind)
    both = np.array([*values, *later])
    after = robust_scores(both, both, kind)
    for was, now in zip(before, after, strict=True):
        assert np.array_equal(was, now[: len(values)])


@given(
    st.lists(st.integers(-(10**6), 10**6).map(float), min_size=1, max_size=60), st.integers(2, 9)
)
def test_cost_in_another_unit_has_the_same_scores(values: list[float], unit: int) -> None:
    kind = KINDS["cost"]
    counts = np.ones(len(values))
    _, scores = robust_scores(np.array(values), counts, kind)
    _, scaled = robust_scores(np.array(values) * unit, counts, kind)
    assert np.allclose(scores, scaled, rtol=1e-9)
    assert np.all(np.abs(scores) <= LARGEST)


@given(st.floats(0, 1e9), st.integers(1, 100))
def test_what_never_varies_is_never_noteworthy(value: float, days: int) -> None:
    values = np.full(days, value)
    for kind in KINDS.values():
        _, scores = robust_scores(values, np.ones(days), kind)
        assert not scores.any()

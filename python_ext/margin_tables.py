"""Arrow tables in, Arrow tables out: what the Python models of margin call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from python_ext.forecasting import LEVELS, YEAR, Estimate, forecast

SERIES = ("measure", "tenant_id", "pack_id", "revenue_basis")
HORIZON = 12
"""Months ahead that are forecast."""

MONEY = pa.decimal128(38, 2)
BOUNDS = tuple((f"lower_{level}_usd", f"upper_{level}_usd") for level in LEVELS)
FORECASTS = pa.schema(
    [
        *((name, pa.string()) for name in SERIES),
        ("period_month", pa.date32()),
        ("origin_month", pa.date32()),
        ("is_backtest", pa.bool_()),
        ("forecast_method", pa.string()),
        ("horizon_count", pa.int32()),
        ("known_month_count", pa.int32()),
        ("unknown_month_count", pa.int32()),
        ("forecast_usd", MONEY),
        *((name, MONEY) for bounds in BOUNDS for name in bounds),
    ]
)


def months_forecast(months: pa.Table) -> pa.Table:
    """What each month of a series was expected to be and the next are, as `FORECASTS`.

    `months` (int_margin__months_measured) has a row for each month of a series from its first to
    its last, with `actual_usd`, null where it is unknown.
    """
    series: dict[tuple[str, ...], dict[date, Decimal | None]] = defaultdict(dict)
    for row in months.to_pylist():
        series[tuple(row[name] for name in SERIES)][row["period_month"]] = row["actual_usd"]
    return pa.Table.from_pylist(
        [row for key in sorted(series) for row in _rows(key, series[key])], schema=FORECASTS
    )


def _rows(key: tuple[str, ...], amounts: dict[date, Decimal | None]) -> Iterator[dict[str, Any]]:
    named = dict(zip(SERIES, key, strict=True))
    months = sorted(amounts)
    found = forecast([amounts[month] for month in months], HORIZON)
    for place, estimate in enumerate(found.before):
        if estimate is not None:
            unknown_count = place - estimate.known_count
            row = _row(months[place], estimate)
            yield {**named, **row, "is_backtest": True, "unknown_month_count": unknown_count}
    for step, estimate in enumerate(found.ahead, 1):
        unknown_count = len(months) - estimate.known_count
        row = _row(_later(months[-1], step), estimate)
        yield {**named, **row, "is_backtest": False, "unknown_month_count": unknown_count}


def _row(month: date, estimate: Estimate) -> dict[str, Any]:
    row: dict[str, Any] = {
        "period_month": month,
        "origin_month": _later(month, -estimate.horizon),
        "forecast_method": estimate.method,
        "horizon_count": estimate.horizon,
        "known_month_count": estimate.known_count,
        "forecast_usd": estimate.point,
    }
    for names, interval in zip(BOUNDS, estimate.intervals, strict=False):
        row |= zip(names, interval, strict=True)
    return row


def _later(month: date, count: int) -> date:
    months = month.year * YEAR + month.month - 1 + count
    return date(months // YEAR, months % YEAR + 1, 1)

"""Surges and drops: a day or a month against the same days of the weeks, or the months, before it.

A robust score: how many deviations a value is away from the median of its peers, where the
deviation is 1.4826 times their median absolute deviation (Iglewicz and Hoaglin, How to Detect and
Handle Outliers, 1993). Only what came before counts as a peer, so no later day changes what was
said of an earlier one. Scores are statistics and not money: they are floats inside.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Floats = npt.NDArray[np.float64]

NOTEWORTHY = 3.0
"""Lower scores are no rows; the catalogue asks for this or more."""

LEAST_SPREAD = 0.1
"""The deviation is at least this part of the median, or else a calm series would cry at nothing."""

OF_NORMAL = 1.4826
"""Median absolute deviation -> standard deviation, for a normal distribution."""

LARGEST = 10.0**11
"""A score beyond this is written as this: what is usual hardly varies at all."""


@dataclass(frozen=True)
class Kind:
    """How the series of a measure is looked at.

    Peers are `period` steps apart; of the last `window` at least `least` must be there. A sum of n
    items varies by chance by `chance` times the root of n, in units of an item.
    """

    step: str
    period: int
    window: int
    least: int
    chance: float


KINDS = {
    "events": Kind(step="D", period=7, window=8, least=4, chance=1.0),
    "quantity": Kind(step="D", period=7, window=8, least=4, chance=2.0),
    "fractions": Kind(step="D", period=7, window=8, least=4, chance=1.0),
    "clock": Kind(step="D", period=7, window=8, least=4, chance=1.0),
    "cost": Kind(step="M", period=1, window=6, least=4, chance=0.0),
    "cost_fractions": Kind(step="M", period=1, window=6, least=4, chance=0.0),
}
"""Measure -> how it is looked at: usage against the same weekday, cost against months before.

Counts of events are about Poisson; quantities vary beside their count, so they are given twice as
much. Rows of a statement are no sample: cost does not vary by chance.
"""

MONITORS = {
    "events": ("usage_surge", "usage_drop"),
    "quantity": ("usage_surge", "usage_drop"),
    "fractions": ("usage_surge", "usage_drop"),
    "clock": ("clock_surge", "clock_drop"),
    "cost": ("cost_surge", "cost_drop"),
    "cost_fractions": ("cost_surge", "cost_drop"),
}
"""Measure -> the monitors of its surges and its drops."""

SCORED = pa.schema(
    [
        ("monitor", pa.string()),
        ("measure", pa.string()),
        ("series_id", pa.string()),
        ("period_date", pa.date32()),
        ("observed", pa.decimal128(38, 6)),
        ("usual", pa.decimal128(38, 6)),
        ("score", pa.decimal128(18, 6)),
    ]
)


def robust_scores(values: Floats, counts: Floats, kind: Kind) -> tuple[Floats, Floats]:
    """What is usual at each step of a series without gaps, and the score of what is there.

    `counts` has of how many items each value is the sum. Where there are too few peers, and where
    nothing ever varied from nothing, the score is 0.
    """
    peers, peer_counts = _peers(values, kind), _peers(counts, kind)
    usual, scores = np.zeros(len(values)), np.zeros(len(values))
    known = np.count_nonzero(~np.isnan(peers), axis=0) >= kind.least
    if not known.any():
        return usual, scores
    usual[known] = np.nanmedian(peers[:, known], axis=0)
    level = np.abs(usual[known])
    spread = OF_NORMAL * np.nanmedian(np.abs(peers[:, known] - usual[known]), axis=0)
    items = np.maximum(np.nanmedian(peer_counts[:, known], axis=0), 1.0)
    by_chance = kind.chance * np.maximum(level, 1.0) / np.sqrt(items)
    scale = np.maximum.reduce([spread, LEAST_SPREAD * level, by_chance])
    away = values[known] - usual[known]
    scores[known] = np.divide(away, scale, out=np.zeros_like(away), where=scale > 0)
    return usual, np.clip(scores, -LARGEST, LARGEST)


def _peers(values: Floats, kind: Kind) -> Floats:
    """One row per peer, as far back as there are values; none before the first."""
    peers = np.full((kind.window, len(values)), np.nan)
    for number in range(1, kind.window + 1):
        shift = number * kind.period
        peers[number - 1, shift:] = values[:-shift]
    return peers


def anomalies_scored(series: pa.Table) -> pa.Table:
    """The noteworthy days and months of each series, in the columns of `SCORED`.

    `series` has measure (a key of `KINDS`), series_id, period_date, observed, item_count and
    end_date, the first day that is not over. A step without a row is 0. Rows come in any order.
    """

    def name(row: dict[str, Any]) -> tuple[str, str]:
        return row["measure"], row["series_id"]

    rows = sorted(series.to_pylist(), key=name)
    found = [
        scored
        for (measure, series_id), group in groupby(rows, key=name)
        for scored in _of_series(measure, series_id, list(group))
    ]
    return pa.Table.from_pylist(found, schema=SCORED)


def _of_series(
    measure: str, series_id: str, rows: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    kind = KINDS[measure]
    step = f"datetime64[{kind.step}]"
    at = np.array([row["period_date"] for row in rows], dtype="datetime64[D]").astype(step)
    start, end = at.min(), np.datetime64(rows[0]["end_date"], "D").astype(step)
    place = (at - start).astype(int)
    values, counts = np.zeros((2, int((end - start).astype(int))))
    np.add.at(values, place, [float(row["observed"]) for row in rows])
    np.add.at(counts, place, [float(row["item_count"]) for row in rows])
    usual, scores = robust_scores(values, counts, kind)
    for number in np.flatnonzero(np.abs(scores) >= NOTEWORTHY):
        surge, drop = MONITORS[measure]
        yield {
            "monitor": surge if scores[number] > 0 else drop,
            "measure": measure,
            "series_id": series_id,
            "period_date": (start + number).astype("datetime64[D]").item(),
            "observed": _decimal(values[number]),
            "usual": _decimal(usual[number]),
            "score": _decimal(scores[number]),
        }


def _decimal(value: np.float64) -> Decimal:
    """Six places, enough to read a figure by."""
    return Decimal(f"{value:.6f}")

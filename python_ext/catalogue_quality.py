"""The rule for quality monitors: every monitor that there is has one row, and nothing else has."""

from collections.abc import Iterator
from itertools import chain

from python_ext import anomalies
from python_ext.catalogue_rows import Catalogue, Finding, Rule

FILE = "quality_monitors.csv"

SCORED = tuple(chain.from_iterable(anomalies.MONITORS.values()))
"""Monitors of robust scores; a lower score than noteworthy is not kept."""

MONITORS = frozenset(
    (
        *SCORED,
        "commitment_burn_down",
        "commitment_imbalance",
        "decision_missing",
        "duplicate_storm",
        "entry_without_usd",
        "exchange_rate_jump",
        "fair_use_exceeded",
        "focus_violation",
        "late_arrivals",
        "lock_mismatch",
        "lost_metadata_key",
        "missing_exchange_rate",
        "missing_tax_rate",
        "missing_tenant_tag",
        "missing_usage_tag",
        "negative_margin",
        "negative_quantity",
        "not_invoiced",
        "not_sent",
        "orphaned_cost",
        "price_jump",
        "receipt_missing",
        "refused_policy_line",
        "rejected_cost_rows",
        "rejected_lines",
        "schema_drift",
        "silent_producer",
        "stale_exchange_rate",
        "statement_gap",
        "third_party_overage",
        "unpriced_usage",
        "unusable_credit",
        "zero_quantity",
    )
)
"""What models/17_quality/monitors looks for."""


def _quality_monitors(catalogue: Catalogue) -> Iterator[Finding]:
    """A monitor that nobody decided about would be off in silence."""
    rows = catalogue["quality_monitors"]
    for row in rows:
        monitor, score = row["monitor"], row["minimum_score"]
        if monitor not in MONITORS:
            broken = f"there is no monitor {monitor}"
            yield Finding(
                FILE, row.number, broken, "choose one that there is, or take the row away"
            )
        elif monitor in SCORED and (score is None or score < anomalies.NOTEWORTHY):
            broken = f"minimum_score of {monitor} is {anomalies.NOTEWORTHY:.0f} or more"
            yield Finding(FILE, row.number, broken, "raise it; what is lower is noise")
    # Without any row nothing is watched, as in a catalogue without any contract.
    for monitor in sorted(MONITORS - {row["monitor"] for row in rows}) if rows else ():
        yield Finding(
            FILE, 1, f"monitor {monitor} has no row", "add one; severity off turns it off"
        )


QUALITY_RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("quality_monitors",), _quality_monitors),
)
"""The files that the rule reads, and the rule."""

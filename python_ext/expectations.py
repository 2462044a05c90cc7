"""Suites of batches of claims on published marts, and what became of them.

Decimals reach a DataFrame as floats. What must be exact, and what must never be, is for dbt to
test; this is about what is usual.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from python_ext.expectations_limits import Range


class Severity(StrEnum):
    """How bad it is when a claim fails, in Great Expectations' words; critical ends with 1."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Claim:
    """One expectation on one column of a batch.

    `expectation` is a class of great_expectations.expectations, `arguments` what it takes beside
    the column. `says` is what a reader learns when it fails: one sentence, or part of one.
    """

    expectation: str
    column: str
    severity: Severity
    says: str
    arguments: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The expectation with its arguments, on one line."""
        values = ", ".join(f"{name} {_plain(value)}" for name, value in self.arguments.items())
        return f"{self.expectation}({values})"


@dataclass(frozen=True)
class Batch:
    """Rows of one published mart, brought to a size that fits a DataFrame, and what they keep.

    `sql` is a query over published marts; it gives `keys`, which together name a row to a reader,
    and a column for each claim: text, or DOUBLE for a figure. Null is passed over by every claim,
    and a column without values has nothing to be wrong about.
    """

    name: str
    mart: str
    sql: str
    keys: tuple[str, ...]
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Suite:
    """What is expected of one family of marts."""

    name: str
    batches: tuple[Batch, ...]


@dataclass(frozen=True)
class Example:
    """A row that a claim fails for: its keys, and the value of the claim's column."""

    subject: str
    value: str


@dataclass(frozen=True)
class Outcome:
    """What became of one claim. `observed` is the mean or the like of all values, else empty."""

    suite: str
    batch: Batch
    claim: Claim
    is_met: bool
    observed: str
    failing_count: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Report:
    """What became of the claims, and those, with their batches, that had no value to judge yet."""

    outcomes: tuple[Outcome, ...]
    unjudged: tuple[tuple[Batch, Claim], ...]
    as_of: datetime | None

    def failing(self, severity: Severity) -> tuple[Outcome, ...]:
        """The claims of that severity that are not met."""
        return tuple(
            each for each in self.outcomes if not each.is_met and each.claim.severity is severity
        )


def each_between(column: str, limits: Range, severity: Severity, says: str) -> Claim:
    """Every value lies within the limits."""
    return Claim("ExpectColumnValuesToBeBetween", column, severity, says, _bounds(limits))


def mean_between(column: str, limits: Range, severity: Severity, says: str) -> Claim:
    """The mean of the values lies within the limits."""
    return Claim("ExpectColumnMeanToBeBetween", column, severity, says, _bounds(limits))


def median_between(column: str, limits: Range, severity: Severity, says: str) -> Claim:
    """The median of the values lies within the limits."""
    return Claim("ExpectColumnMedianToBeBetween", column, severity, says, _bounds(limits))


def stdev_between(column: str, limits: Range, severity: Severity, says: str) -> Claim:
    """The standard deviation of the values lies within the limits."""
    return Claim("ExpectColumnStdevToBeBetween", column, severity, says, _bounds(limits))


def each_in(column: str, values: tuple[str, ...], severity: Severity, says: str) -> Claim:
    """Every value is one of these."""
    return Claim("ExpectColumnValuesToBeInSet", column, severity, says, {"value_set": list(values)})


def all_there(column: str, values: tuple[str, ...], severity: Severity, says: str) -> Claim:
    """Each of these values is there."""
    return Claim(
        "ExpectColumnDistinctValuesToContainSet",
        column,
        severity,
        says,
        {"value_set": list(values)},
    )


def _bounds(limits: Range) -> Mapping[str, object]:
    return {
        name: value
        for name, value in (("min_value", limits.low), ("max_value", limits.high))
        if value is not None
    }


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

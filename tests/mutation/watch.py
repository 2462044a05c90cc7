"""What a warehouse says of itself after a build, and what is new in that beside another one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from python_ext.runner import BuildResult

FINDINGS = "fct_quality_findings"
VERDICTS = {"no_finding_is_an_error", "no_finding_is_a_warning"}
"""The tests that count findings: the findings themselves say more."""


@dataclass(frozen=True)
class Saying:
    """All that a build says.

    `refusals` are the messages of what did not run, by the name of a model, file or folder;
    `remarks` are findings in the catalogue that stop nothing; `checks` are the tests that fail or
    warn, with how many rows, `unit_tests` those that fail; `findings` counts the occurrences of
    what a monitor found, by monitor with severity and by subject.
    """

    refusals: Mapping[str, str] = field(default_factory=dict)
    remarks: frozenset[str] = frozenset()
    checks: Mapping[str, int] = field(default_factory=dict)
    unit_tests: frozenset[str] = frozenset()
    findings: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Catch:
    """Something that tells of a fault: `how` is what kind of thing it is, `what` its name."""

    how: str
    what: str
    detail: str = ""

    def __str__(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.how} {self.what}{detail}"


def catches(saying: Saying, ordinary: Saying) -> list[Catch]:
    """What one warehouse says that an ordinary one does not, or says of more."""
    found = [
        Catch("refused:", short(text))
        for name, text in saying.refusals.items()
        if name not in ordinary.refusals
    ]
    found += [Catch("remark:", short(text)) for text in saying.remarks - ordinary.remarks]
    found += [
        Catch("test", name, _more(count, ordinary.checks.get(name, 0)))
        for name, count in saying.checks.items()
        if count > ordinary.checks.get(name, 0)
    ]
    found += [Catch("unit test", name) for name in saying.unit_tests - ordinary.unit_tests]
    grown: dict[str, int] = {}
    for (monitor, subject), count in saying.findings.items():
        if count > ordinary.findings.get((monitor, subject), 0):
            grown[monitor] = grown.get(monitor, 0) + 1
    found += [Catch("monitor", name, f"+{count}") for name, count in grown.items()]
    return sorted(found, key=lambda catch: (catch.how, catch.what))


def short(text: str) -> str:
    """The first sentence of a message, without the folders of a path."""
    text = re.sub(r"(?<!\w)/(?:[\w.=@-]+/)+", "", " ".join(text.split()))
    return text if len(text) <= 160 else f"{text[:157]}..."


def of_build(result: BuildResult, database: Path) -> Saying:
    """What a build says: its refusals, its tests, and what monitors found, if they ran."""
    refusals = {
        failure.name: failure.message for failure in result.failures if failure.kind == "error"
    }
    checks = {
        failure.name: _rows(failure.message)
        for failure in (*result.failures, *result.warnings)
        if failure.kind in ("test_failure", "warning") and failure.name not in VERDICTS
    }
    not_run = {failure.name for failure in result.failures if failure.kind != "test_failure"}
    return Saying(refusals, checks=checks, findings=_findings(database, not_run))


def _findings(database: Path, not_run: set[str]) -> dict[tuple[str, str], int]:
    """What monitors found in this build and is open; nothing where they did not run."""
    if FINDINGS in not_run or not database.exists():
        return {}
    with duckdb.connect(database, read_only=True) as connection:
        named = "select 1 from information_schema.tables where table_name = ?"
        if not connection.execute(named, [FINDINGS]).fetchall():
            return {}
        rows = connection.execute(
            "select concat(monitor, ', ', severity), concat_ws(': ', subject_type, subject_id),"
            f" sum(occurrence_count) from {FINDINGS} where is_open group by all"
        ).fetchall()
    return {(monitor, subject): int(count) for monitor, subject, count in rows}


def _rows(message: str) -> int:
    """How many rows a failed test found."""
    found = re.match(r"(\d+) rows? fails?", message)
    return int(found.group(1)) if found else 1


def _more(count: int, before: int) -> str:
    return f"{count} rows, {before} before" if before else f"{count} row{'s' * (count != 1)}"

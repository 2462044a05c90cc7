"""The rules of the catalogue: every bad row is found here, before anything is built from it.

First each row by itself (columns, types, keys, references), then what rows say together (ranges,
tiers, prices). A rule across rows is left out where a file it reads has bad rows already, so that
one mistake is one finding.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from pathlib import Path
from typing import Any

from python_ext.catalogue_agreements import AGREEMENT_RULES
from python_ext.catalogue_billing import BILLING_RULES
from python_ext.catalogue_budgets import BUDGET_RULES
from python_ext.catalogue_cost import COST_RULES
from python_ext.catalogue_governance import GOVERNANCE_RULES, GOVERNED_TABLES, undecided
from python_ext.catalogue_ledger import LEDGER_RULES
from python_ext.catalogue_pricing import PRICING_RULES
from python_ext.catalogue_quality import QUALITY_RULES
from python_ext.catalogue_revenue import REVENUE_RULES
from python_ext.catalogue_rows import Catalogue, Finding, Row, Rule
from python_ext.catalogue_settlement import SETTLEMENT_RULES
from python_ext.catalogue_tables import TABLES, Column, RefusedError, Table
from python_ext.catalogue_third_party import THIRD_PARTY_RULES


def check(seeds: Path, landed: Set[str] = frozenset()) -> list[Finding]:
    """Every finding in the CSV files below `seeds`, by file and row.

    `landed` names the policy decisions that are landed files instead of rows of the catalogue.
    """
    paths = {path.stem: path for path in sorted(seeds.rglob("*.csv"))}
    findings: list[Finding] = []
    catalogue: dict[str, list[Row]] = {}
    for name, table in TABLES.items():
        rows, unreadable = _read(name, paths.get(name), table)
        findings += unreadable
        if rows or not unreadable:
            catalogue[name] = rows
    for name, table in ((name, TABLES[name]) for name in catalogue):
        findings += _repeated_keys(name, catalogue[name], table)
        findings += _dangling_references(name, catalogue, table)
    bad_files = {finding.file for finding in findings if finding.stops}
    for files, rule in RULES:
        if not bad_files & {f"{name}.csv" for name in files}:
            findings += rule(catalogue)
    for name in GOVERNED_TABLES:
        if not bad_files & {f"{name}.csv", "policy_decisions.csv"}:
            findings += undecided(name, catalogue, landed)
    return sorted(findings, key=lambda finding: (finding.file, finding.row, finding.rule))


def _read(name: str, path: Path | None, table: Table) -> tuple[list[Row], list[Finding]]:
    file, rows, findings = f"{name}.csv", list[Row](), list[Finding]()
    if path is None:
        return [], [Finding(file, 1, "the file is missing", "restore it")]
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header, first_line = next(reader, []), reader.line_num + 1
            if sorted(header) != sorted(table.columns):
                expected = ",".join(table.columns)
                return [], [
                    Finding(
                        file,
                        1,
                        f"the columns are {expected}, found {','.join(header)}",
                        "rename them",
                    )
                ]
            for fields in reader:
                number, first_line = first_line, reader.line_num + 1
                if not fields:
                    continue
                if len(fields) != len(header):
                    rule = f"a row has {len(header)} cells, found {len(fields)}"
                    findings.append(
                        Finding(file, number, rule, "add or take away commas, or quote the text")
                    )
                    continue
                row, refused = _parse(file, number, dict(zip(header, fields, strict=True)), table)
                rows.append(row)
                findings += refused
    except UnicodeDecodeError as error:
        return [], [
            Finding(file, 1, f"the file is not UTF-8 text ({error})", "save it as CSV UTF-8")
        ]
    except csv.Error as error:
        return [], [Finding(file, reader.line_num, f"not a CSV row ({error})", "close the quotes")]
    return rows, findings


def _parse(
    file: str, number: int, cells: Mapping[str, str], table: Table
) -> tuple[Row, list[Finding]]:
    values: dict[str, Any] = {}
    findings = []
    for name, column in table.columns.items():
        try:
            values[name] = _value(cells[name], column)
        except RefusedError as refused:
            findings.append(Finding(file, number, f"{name} {refused.rule}", refused.remedy))
    return Row(number, cells, values), findings


def _value(text: str, column: Column) -> Any:
    if not text:
        if column.is_required:
            raise RefusedError("is empty", "fill it in")
        return None
    if column.is_list:
        if "" in text.split("|"):
            raise RefusedError(f"has an empty value between bars, found {text}", "take a bar away")
        return tuple(column.parse(part) for part in text.split("|"))
    return column.parse(text)


def _repeated_keys(name: str, rows: Sequence[Row], table: Table) -> Iterator[Finding]:
    for key in table.keys:
        seen: dict[tuple[str, ...], int] = {}
        for row in rows:
            value = tuple(row.cells[column] for column in key)
            if value in seen:
                what = f"{', '.join(key)} {', '.join(value)}"
                rule = f"{what} is not unique: row {seen[value]} has it too"
                yield Finding(f"{name}.csv", row.number, rule, "keep one of the rows")
            seen.setdefault(value, row.number)


def _dangling_references(name: str, catalogue: Catalogue, table: Table) -> Iterator[Finding]:
    for column_name, column in table.columns.items():
        if column.refers_to is None or column.refers_to not in catalogue:
            continue
        key = TABLES[column.refers_to].keys[0][0]
        known = {row.cells[key] for row in catalogue[column.refers_to]}
        for row in catalogue[name]:
            value = row.values.get(column_name)
            for part in value if isinstance(value, tuple) else (value,):
                if part is not None and part not in known:
                    rule = f"{column_name} names {part}, which is not in {column.refers_to}.csv"
                    yield Finding(
                        f"{name}.csv",
                        row.number,
                        rule,
                        "correct it, or add it there",
                        stops=not table.only_describes,
                    )


def _spans(name: str) -> Rule:
    """The rule for the ranges of one file: forward, and as its table says apart and gapless."""
    table, file = TABLES[name], f"{name}.csv"
    start, end = table.span or ("", "")

    def rule(catalogue: Catalogue) -> Iterator[Finding]:
        groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in catalogue[name]:
            if row[start] < row[end]:
                groups[tuple(row[column] for column in table.apart_by)].append(row)
            else:
                yield Finding(
                    file,
                    row.number,
                    f"{end} {row.cells[end]} is not after {start} {row.cells[start]}",
                    "correct it",
                )
        for key, rows in groups.items() if table.apart_by else ():
            what = f"of {', '.join(str(part) for part in key if part is not None)}"
            first, *others = sorted(rows, key=lambda row: (row[start], row.number))
            reaching = first  # the row whose range ends last, so far
            for row in others:
                if row[start] < reaching[end]:
                    clash = f"overlaps the range {what} in row {reaching.number}"
                    remedy = f"end that one where this one starts, by {end}"
                    yield Finding(file, row.number, clash, remedy)
                elif table.is_gapless and row[start] > reaching[end]:
                    gap = f"leaves a gap {what} from {reaching.cells[end]} to {row.cells[start]}"
                    remedy = f"start it where row {reaching.number} ends"
                    yield Finding(file, row.number, gap, remedy)
                reaching = max(reaching, row, key=lambda row: row[end])

    return rule


def _decisions_allow(name: str) -> Rule:
    def rule(catalogue: Catalogue) -> Iterator[Finding]:
        effects = {
            row["policy_decision_id"]: row["effect"] for row in catalogue["policy_decisions"]
        }
        for row in catalogue[name]:
            # One that is not there is a finding of its own.
            if effects.get(row["policy_decision_id"], "allow") != "allow":
                broken = (
                    f"policy_decision_id {row['policy_decision_id']} does not have effect allow"
                )
                yield Finding(
                    f"{name}.csv", row.number, broken, "name the decision that allows the row"
                )

    return rule


def _meters(catalogue: Catalogue) -> Iterator[Finding]:
    fields = {
        "count": ("event",),
        "count_distinct": ("actor_id",),
        "count_distinct_prorated": ("actor_id",),
        "time_weighted": ("quantity", "bytes"),
        "sum_prorated": ("quantity", "bytes"),
        "sum": ("quantity", "bytes"),
    }
    for row in catalogue["meters"]:
        aggregation, window = row["aggregation"], row["reading_window"]
        fitting = fields.get(aggregation, ("quantity",))
        start: datetime = row["effective_from_at"]
        of_hour = (start.minute, start.second, start.microsecond)
        starts_window = not any(
            {"1h": of_hour, "1d": (start.hour, *of_hour)}.get(
                window, (start.day - 1, start.hour, *of_hour)
            )
        )
        for is_broken, broken, remedy in (
            (
                row["value_field"] not in fitting,
                f"aggregation {aggregation} needs value_field {' or '.join(fitting)}",
                "correct one of the two",
            ),
            (
                aggregation == "percentile" and row["percentile"] is None,
                "aggregation percentile needs a percentile",
                "fill it in, for example 95",
            ),
            (
                row["distinct_key"] and not aggregation.startswith("count_distinct"),
                f"aggregation {aggregation} has no distinct_key",
                "empty it, or make the aggregation count_distinct",
            ),
            (
                aggregation in ("time_weighted", "sum_prorated", "count_distinct_prorated")
                and window != "month",
                f"aggregation {aggregation} needs reading_window month",
                "correct one of the two",
            ),
            (
                aggregation.startswith("count_distinct") and window == "1h",
                "distinct counts are kept by day",
                "make reading_window 1d or month",
            ),
            (
                not starts_window,
                f"effective_from_at is not the start of a reading window of {window}",
                "move it to one, so that no window has two definitions",
            ),
        ):
            if is_broken:
                yield Finding("meters.csv", row.number, broken, remedy)


def _thresholds(catalogue: Catalogue) -> Iterator[Finding]:
    for row in catalogue["monitor_thresholds"]:
        if not row["drop_ratio"] < 1 < row["surge_ratio"]:
            broken = "a drop is less than the usual (1) and a surge more"
            remedy = "make drop_ratio < 1 < surge_ratio"
            yield Finding("monitor_thresholds.csv", row.number, broken, remedy)


RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    *(((name,), _spans(name)) for name, table in TABLES.items() if table.span),
    *(
        ((name, "policy_decisions"), _decisions_allow(name))
        for name, table in TABLES.items()
        if "policy_decision_id" in table.columns
        and table.columns["policy_decision_id"].refers_to == "policy_decisions"
    ),
    (("meters",), _meters),
    (("monitor_thresholds",), _thresholds),
    *GOVERNANCE_RULES,
    *PRICING_RULES,
    *REVENUE_RULES,
    *AGREEMENT_RULES,
    *SETTLEMENT_RULES,
    *BILLING_RULES,
    *BUDGET_RULES,
    *COST_RULES,
    *THIRD_PARTY_RULES,
    *LEDGER_RULES,
    *QUALITY_RULES,
)
"""The files that a rule across rows reads, and the rule."""

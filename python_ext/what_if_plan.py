"""Another plan, written as TOML: what it would change in the catalogue's plan lines."""

import csv
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from python_ext import catalogue_rules
from python_ext.catalogue_rows import Finding
from python_ext.catalogue_tables import TABLES
from python_ext.errors import MeterhouseError

LINES, TIERS, TERMS = CHANGED = ("plan_lines", "plan_line_tiers", "plan_line_terms")
"""The tables that another plan has other rows in."""

Cells = Mapping[str, str]
"""Column -> cell as written; an empty cell is an empty text."""

PLACE = {"plan_line_id", "plan_version_id", "currency_code"}
"""Columns that follow from where a key stands in the file."""


@dataclass(frozen=True)
class Line:
    """What the file says of a line. Tiers of a currency take the place of all that it has there."""

    cells: Cells
    tiers: Mapping[str, Sequence[Cells]]
    terms: Mapping[str, Cells]


@dataclass(frozen=True)
class OtherPlan:
    """The plan of `plan_id` with some lines changed, added or removed, each named by its code.

    The code of a line is what its id has after the version's. What `file` leaves out stays.
    """

    file: Path
    plan_id: str
    lines: Mapping[str, Line]
    removed: Sequence[str]


def read(file: Path) -> OtherPlan:
    """Read a file by its form; numbers stay as they are written, so prices keep their digits.

    Raises MeterhouseError, naming the key, for a file that is not TOML, a key that is not known or
    a value of another kind. What the values may be is for the rules of the catalogue.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"), parse_float=str)
    except FileNotFoundError:
        raise MeterhouseError(str(file), "there is no such file", "name a TOML file") from None
    except ValueError as error:  # of TOML, or of UTF-8
        raise MeterhouseError(str(file), f"not TOML ({error})", "correct it") from None
    _known(f"{file}", content, {"plan_id", "lines", "remove"})
    plan_id = content.get("plan_id")
    if not isinstance(plan_id, str) or not plan_id:
        raise MeterhouseError(
            f"{file} plan_id", "it names the plan to change", 'write it like plan_id = "saas_pro"'
        )
    removed = content.get("remove", [])
    if not isinstance(removed, list) or not all(isinstance(code, str) for code in removed):
        raise MeterhouseError(
            f"{file} remove", "a list of line codes is expected", 'write it like remove = ["graph"]'
        )
    lines = {
        code: _line(f"{file} lines.{code}", value)
        for code, value in _table(f"{file} lines", content.get("lines", {})).items()
    }
    if both := sorted(set(removed) & set(lines)):
        raise MeterhouseError(
            f"{file} remove", f"{both[0]} is changed under lines too", "keep one of the two"
        )
    return OtherPlan(file, plan_id, lines, removed)


def changed(
    plan: OtherPlan, versions: Collection[str], tables: Mapping[str, Sequence[Cells]]
) -> dict[str, list[Cells]]:
    """The rows of `CHANGED` with `plan` in place of `versions`; rows of others as they are.

    A line is changed in each version that has its code, and one that no version has is added to
    all. Raises MeterhouseError for a line to remove that is not there.
    """
    codes = {
        row["plan_line_id"]: _code(row)
        for row in tables[LINES]
        if row["plan_version_id"] in versions
    }
    known = set(codes.values())
    for code in plan.removed:
        if code not in known:
            raise MeterhouseError(
                f"{plan.file} remove",
                f"{plan.plan_id} has no line {code}",
                f"name one of {', '.join(sorted(known))}",
            )
    added = [
        _blank(LINES) | {"plan_line_id": f"{version}:{code}", "plan_version_id": version}
        for code in plan.lines
        if code not in known
        for version in sorted(versions)
    ]
    codes |= {row["plan_line_id"]: _code(row) for row in added}
    others = {line_id: plan.lines[code] for line_id, code in codes.items() if code in plan.lines}
    lines: list[Cells] = [
        {**row, **(others[row["plan_line_id"]].cells if row["plan_line_id"] in others else {})}
        for row in (*tables[LINES], *added)
    ]
    tiers = [
        row
        for row in tables[TIERS]
        if row["plan_line_id"] not in others
        or row["currency_code"] not in others[row["plan_line_id"]].tiers
    ]
    terms = {(row["plan_line_id"], row["currency_code"]): row for row in tables[TERMS]}
    for line_id, line in others.items():
        for currency, ladder in line.tiers.items():
            place = {"plan_line_id": line_id, "currency_code": currency}
            tiers += [{**_blank(TIERS), **place, **tier} for tier in ladder]
        for currency, cells in line.terms.items():
            place = {"plan_line_id": line_id, "currency_code": currency}
            former = terms.get((line_id, currency), _blank(TERMS))
            terms[line_id, currency] = {**former, **place, **cells}
    result: dict[str, list[Cells]] = {LINES: lines, TIERS: tiers, TERMS: list(terms.values())}
    return {
        name: [row for row in rows if codes.get(row["plan_line_id"]) not in plan.removed]
        for name, rows in result.items()
    }


def findings(
    plan: OtherPlan, versions: Collection[str], tables: Mapping[str, Sequence[Cells]], folder: Path
) -> list[MeterhouseError]:
    """What in a changed catalogue breaks a rule that would stop a build, each said once.

    `tables` is all of the catalogue with `plan` in it; it is written to `folder`, which is made.
    """
    folder.mkdir()
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(TABLES[name].columns))
            writer.writeheader()
            writer.writerows(rows)
    errors = [
        _error(plan, versions, finding, folder)
        for finding in catalogue_rules.check(folder)
        if finding.stops
    ]
    return list({str(error): error for error in errors}.values())


def _error(
    plan: OtherPlan, versions: Collection[str], finding: Finding, folder: Path
) -> MeterhouseError:
    """A finding, said of the key in the file, or of the row that the plan goes against.

    A line is in each version of the plan, and named by its code what is wrong with it is said once.
    """
    table = finding.file.removesuffix(".csv")
    cells = _row(folder / finding.file, finding.row)
    key = ", ".join(cells[name] for name in TABLES[table].keys[0] if cells.get(name))
    place, rule, remedy = f"against {finding.file} {key}", finding.rule, finding.remedy
    for version in versions if table in CHANGED else ():
        line_id = cells.get("plan_line_id", "")
        code = line_id.removeprefix(f"{version}:")
        if code != line_id and code in plan.lines:
            currency, tier = cells.get("currency_code"), cells.get("tier_number")
            within = {TIERS: f".tiers.{currency} tier {tier}", TERMS: f".terms.{currency}"}
            place, rule = f"lines.{code}{within.get(table, '')}", rule.replace(line_id, code)
    for name in CHANGED:
        remedy = remedy.replace(f"{name}.csv", plan.file.name)
    return MeterhouseError(f"{plan.file} {place}", rule, remedy)


def _row(file: Path, number: int) -> Cells:
    """The row that begins at a line of a CSV file."""
    with file.open(encoding="utf-8", newline="") as stream:
        reader, start = csv.DictReader(stream), 2
        for row in reader:
            if start == number:
                return row
            start = reader.line_num + 1
    return {}


def _line(key: str, value: object) -> Line:
    content = dict(_table(key, value))
    tiers = _table(f"{key}.tiers", content.pop("tiers", {}))
    terms = _table(f"{key}.terms", content.pop("terms", {}))
    return Line(
        _cells(key, content, LINES, "tiers", "terms"),
        {currency: _ladder(f"{key}.tiers.{currency}", tiers[currency]) for currency in tiers},
        {currency: _cells(f"{key}.terms.{currency}", terms[currency], TERMS) for currency in terms},
    )


def _ladder(key: str, value: object) -> list[Cells]:
    """Tiers in the order in which they stand; of its two prices, a tier may leave one out."""
    if not isinstance(value, list) or not value:
        raise MeterhouseError(
            key, "a list of tiers is expected", "write it like [{unit_price = 0.02}]"
        )
    ladder, places = list[Cells](), Counter[str]()
    for number, tier in enumerate(value, start=1):
        cells = _cells(f"{key} tier {number}", tier, TIERS)
        group = cells.get("group_value", "")
        places[group] += 1
        prices = {"unit_price": "0", "flat_amount": "0"}
        defaults = prices if prices.keys() & cells.keys() else {}
        ladder.append({"tier_number": str(places[group]), **defaults, **cells})
    return ladder


def _cells(key: str, value: object, table: str, *more: str) -> dict[str, str]:
    columns = [name for name in TABLES[table].columns if name not in PLACE]
    given = _table(key, value)
    _known(key, given, {*columns, *more})
    return {name: _text(f"{key}.{name}", given[name]) for name in given}


def _text(key: str, value: object) -> str:
    """A value as a cell of the catalogue: lists are parted by bars."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "|".join(value)
    raise MeterhouseError(key, "a text, a number or a list of texts is expected", "correct it")


def _table(key: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        name = key.rsplit(" ", 1)[-1]
        raise MeterhouseError(key, "a table is expected", f"write it like [{name}]")
    return value


def _known(key: str, given: Mapping[str, object], names: set[str]) -> None:
    for name in given:
        if name not in names:
            known = ", ".join(sorted(names))
            raise MeterhouseError(key, f"{name} is not known here", f"use one of {known}")


def _code(line: Cells) -> str:
    return line["plan_line_id"].removeprefix(f"{line['plan_version_id']}:")


def _blank(table: str) -> dict[str, str]:
    return dict.fromkeys(TABLES[table].columns, "")

"""The worked examples, as read: one JSON object a line, numbers exact."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

from python_ext.errors import MeterhouseError

FAMILY_FIELDS = ("model", "method", "metric")
"""What names the family of a case; the last two stand in files most of which are tested by hand."""

PUBLISHED = Path(__file__).parents[1] / "data" / "conformance"


@dataclass(frozen=True)
class Case:
    """One example; `family` is what decides how it is translated, never `case_id`."""

    case_id: str
    file: str
    family: str
    is_of_model: bool
    params: Mapping[str, Any]
    inputs: Mapping[str, Any]
    expected: Mapping[str, Any]
    expected_unit: str
    notes: str


def read_cases(path: Path) -> list[Case]:
    """Every case of a JSON lines file, or of all such files in a folder, by file and line.

    Raises MeterhouseError for a path without cases and for a line that is not a case.
    """
    if not path.exists():
        raise MeterhouseError(str(path), "there is no such file or folder", "correct CASES")
    files = sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]
    cases = [case for file in files for case in _of_file(file)]
    if not cases:
        raise MeterhouseError(str(path), "no case is found in it", "name a *.jsonl file or folder")
    return [_with_topology(case, cases) for case in cases]


def _with_topology(case: Case, cases: Sequence[Case]) -> Case:
    """The case with the clusters of the one that it names, of those that are run or published."""
    named = case.inputs.get("topology")
    if not isinstance(named, str):
        return case
    places = chain(cases, (one for file in PUBLISHED.glob("*.jsonl") for one in _of_file(file)))
    found = next((one.inputs for one in places if one.case_id == named), None)
    return case if found is None else replace(case, inputs={**case.inputs, "topology": found})


def _of_file(file: Path) -> Iterator[Case]:
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise MeterhouseError(str(file), f"not UTF-8 text ({error})", "save it as UTF-8") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = f"{file} line {number}"
        try:
            found = json.loads(line, parse_float=Decimal)
        except json.JSONDecodeError as error:
            raise MeterhouseError(
                place, f"not a JSON object ({error.msg})", "correct the line"
            ) from None
        yield _case(place, file.name, found)


def _case(place: str, file: str, found: Any) -> Case:
    if not isinstance(found, dict):
        raise MeterhouseError(place, "a case is a JSON object", "write it as {...}")
    family_field = next((name for name in FAMILY_FIELDS if isinstance(found.get(name), str)), None)
    lacks = [name for name in ("id", "input", "expected") if name not in found]
    if lacks or family_field is None:
        raise MeterhouseError(place, f"a case lacks {', '.join(lacks or ['model'])}", "fill it in")
    for name in ("params", "input"):
        if not isinstance(found.get(name) or {}, dict):
            raise MeterhouseError(place, f"{name} is a JSON object", "write it as {...}")
    expected = found["expected"]
    return Case(
        case_id=str(found["id"]),
        file=file,
        family=found[family_field],
        is_of_model=family_field == "model",
        params=found.get("params") or {},
        inputs=found.get("input") or {},
        expected=expected if isinstance(expected, dict) else {"amount": expected},
        expected_unit=str(found.get("expected_unit") or ""),
        notes=str(found.get("notes") or ""),
    )

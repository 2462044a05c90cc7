"""The table of faults: as markdown for the repository, and for a terminal."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich.table import Table

from tests.mutation.faults import Fault
from tests.mutation.harness import Outcome
from tests.mutation.watch import Catch

RESULTS = Path(__file__).parent / "README.md"
"""The table that is committed."""

RECORD = Path(__file__).parent / "results.json"
"""What told of each fault when it was last planted, by its name; the table is made of it."""

SHOWN = 6
"""How many catches a row names; the others are counted."""

HEAD = """# Does it catch anything?

Written by `make mutation`, which plants all faults, and `python -m tests.mutation WORDS`, which
plants some and leaves the other rows as they were. Each row is a fault that was planted in a copy
of one small, clean world (the demo without trouble, with a January that is closed, invoiced and
paid), and what told of it that says nothing in that world: a refusal, a remark on the catalogue, a
test of dbt that fails or warns, a unit test, or a finding of a monitor that is new or has grown.
What was expected to tell stands first.

"""


def verdict(fault: Fault, outcome: Outcome) -> str:
    """Whether a fault is caught, as expected or otherwise, or survives, with a reason or without"""
    if not outcome.catches:
        return "survives, for a reason" if fault.survives_because else "survives"
    return "caught" if any(map(is_expected(fault), outcome.catches)) else "caught otherwise"


def is_expected(fault: Fault) -> "IsExpected":
    """Says of a catch whether the fault names it."""
    return IsExpected(fault.expected)


class IsExpected:
    """Whether a catch is one of those expected, by a part of its text."""

    def __init__(self, expected: Sequence[str]) -> None:
        self.expected = expected

    def __call__(self, catch: Catch) -> bool:
        return any(text in str(catch) for text in self.expected)


def told(fault: Fault, outcome: Outcome) -> str:
    """What tells of a fault, the expected first; or why nothing does."""
    expected = is_expected(fault)
    ordered = sorted(outcome.catches, key=lambda catch: not expected(catch))
    texts = [str(catch) for catch in ordered[:SHOWN]]
    texts += [f"and {len(ordered) - SHOWN} more"] if len(ordered) > SHOWN else []
    return "; ".join(texts) or fault.survives_because or "nothing"


def unexplained(faults: Mapping[str, Fault], outcomes: Iterable[Outcome]) -> list[str]:
    """The names of the faults that survive for no stated reason."""
    return [
        outcome.fault_name
        for outcome in outcomes
        if verdict(faults[outcome.fault_name], outcome) == "survives"
    ]


def in_order(faults: Mapping[str, Fault], outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes in the order of the faults."""
    places = {name: number for number, name in enumerate(faults)}
    return sorted(outcomes, key=lambda outcome: places[outcome.fault_name])


def remembered(faults: Mapping[str, Fault], outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes with those of former runs for faults that this one did not plant."""
    record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    former = {
        name: Outcome(name, tuple(Catch(*catch) for catch in catches), 0.0)
        for name, catches in record.items()
        if name in faults
    }
    return in_order(faults, (former | {each.fault_name: each for each in outcomes}).values())


def write(faults: Mapping[str, Fault], outcomes: Sequence[Outcome]) -> None:
    """Write down what told of each fault, and the table of it."""
    record = {
        outcome.fault_name: [(each.how, each.what, each.detail) for each in outcome.catches]
        for outcome in outcomes
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    RESULTS.write_text(markdown(faults, outcomes), encoding="utf-8")


def markdown(faults: Mapping[str, Fault], outcomes: Sequence[Outcome]) -> str:
    """The file that is committed: the same text for the same outcomes."""
    lines = [HEAD + summary(faults, outcomes), ""]
    lines += ["| fault | kind | verdict | what tells of it |", "|---|---|---|---|"]
    for outcome in in_order(faults, outcomes):
        fault = faults[outcome.fault_name]
        cells = fault.name, fault.kind, verdict(fault, outcome), told(fault, outcome)
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def summary(faults: Mapping[str, Fault], outcomes: Sequence[Outcome]) -> str:
    """How many faults there are of each kind, and how many are caught."""
    verdicts = [verdict(faults[outcome.fault_name], outcome) for outcome in outcomes]
    caught = sum(text.startswith("caught") for text in verdicts)
    kinds = [faults[outcome.fault_name].kind for outcome in outcomes]
    parts = [f"{kinds.count(kind)} of {kind}" for kind in dict.fromkeys(kinds)]
    survivors = len(outcomes) - caught
    explained = verdicts.count("survives, for a reason")
    planted = len(outcomes) if len(outcomes) == len(faults) else f"{len(outcomes)} of {len(faults)}"
    return (
        f"{planted} faults ({', '.join(parts)}): {caught} caught, {survivors} survive,"
        f" {explained} of them for a stated reason."
    )


def table(faults: Mapping[str, Fault], outcomes: Sequence[Outcome]) -> Table:
    """The same for a terminal."""
    shown = Table("fault", "kind", "verdict", "what tells of it", title=summary(faults, outcomes))
    for outcome in in_order(faults, outcomes):
        fault = faults[outcome.fault_name]
        text = verdict(fault, outcome)
        style = "red" if text == "survives" else ""
        shown.add_row(fault.name, fault.kind, text, told(fault, outcome), style=style)
    return shown

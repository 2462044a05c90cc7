"""What a fault is, and what the code of one looks like.

A fault is planted in files that nobody else uses, or in the project as one process has it. It knows
what is expected to tell of it, and where nothing does, why that has to be so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["landing", "catalogue", "code"]
Start = Literal["before", "middle", "after", "nothing"]
"""What the warehouse holds when a fault comes: a step of the world, or nothing.

Usage lands on the first step, and costs land on the second. What lands no file starts from all of
it, and is followed by what depends on it: a table of the catalogue, or the code of one that is
always made anew.
"""


@dataclass(frozen=True)
class Edit:
    """A piece of a file of the project that reads otherwise; `old` stands in it once.

    A model, a macro or a check is known by the name of its file, Python by its path.
    """

    file: str
    old: str
    new: str

    def applied(self, text: str) -> str:
        """The text with the edit. Raises ValueError where `old` does not stand in it once."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file}: found {text.count(self.old)} times: {self.old}")
        return text.replace(self.old, self.new)


@dataclass(frozen=True)
class Workplace:
    """The files that a fault may change: a landing folder, and a catalogue of CSV files."""

    landing: Path
    catalogue: Path


def nothing(_: Workplace) -> None:
    """No file is changed."""


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong: `name` says it as a sentence, `plant` and `edits` do it.

    `expected` are the names of what should tell, any of which will do: monitors, tests, unit tests,
    or words of a refusal. `unit_tested` are the models whose unit tests an edit may break, and
    `survives_because` is the reason why nothing can tell.
    """

    name: str
    kind: Kind
    expected: tuple[str, ...]
    plant: Callable[[Workplace], None] = nothing
    edits: tuple[Edit, ...] = ()
    start: Start = "before"
    unit_tested: tuple[str, ...] = ()
    survives_because: str = ""

"""Rows of the catalogue as read, and what is found wrong with them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """A rule that a row breaks; `row` is the line number that a text editor shows."""

    file: str
    row: int
    rule: str
    remedy: str

    def __str__(self) -> str:
        return (
            f"{self.file} row {self.row}: {self.rule}. {self.remedy[:1].upper()}{self.remedy[1:]}."
        )


@dataclass(frozen=True)
class Row:
    """One row: its line number, its cells as written, and those that could be read as values."""

    number: int
    cells: Mapping[str, str]
    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


Catalogue = Mapping[str, Sequence[Row]]
"""File name without its ending -> its rows."""

Rule = Callable[[Catalogue], Iterator[Finding]]

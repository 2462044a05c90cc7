"""Where things are: read from the environment once, then passed on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from python_ext.errors import MeterhouseError

INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.]\d+)?)?([Zz]|[+-]\d{2}(:?\d{2})?)", re.ASCII
)
"""What the models read as an instant, ISO 8601 with an offset: `parse_instant` in macros/."""


@dataclass(frozen=True)
class Settings:
    """Every path is absolute. `catalogue` and `as_of` are None where the user named none."""

    root: Path
    landing: Path
    database: Path
    published: Path
    catalogue: Path | None
    as_of: str | None
    threads: int
    memory: str
    is_landing_named: bool

    def for_dbt(self, seeds: Path) -> dict[str, str]:
        """The environment that dbt reads; it only sees the path of `seeds` relative to the root."""
        return {
            "METERHOUSE_LANDING": str(self.landing),
            "METERHOUSE_DB": str(self.database),
            "METERHOUSE_THREADS": str(self.threads),
            "METERHOUSE_MEMORY": self.memory,
            "METERHOUSE_SEEDS": seeds.relative_to(self.root).as_posix(),
        }


def from_environment(environ: Mapping[str, str], target: str = "dev") -> Settings:
    """Read the METERHOUSE_ variables; an empty one counts as not set.

    A relative path that the user gave is taken from the current directory, a default from the
    project root. What a target other than dev writes goes to a folder of its name by default.
    Raises MeterhouseError for threads or an as-of instant that cannot be used.
    """
    root = Path(__file__).resolve().parent.parent
    data = root / "data" if target == "dev" else root / "data" / target

    def folder(name: str) -> Path | None:
        value = environ.get(name)
        return Path(value).expanduser().resolve() if value else None

    return Settings(
        root=root,
        landing=folder("METERHOUSE_LANDING") or root / "data" / "landing",
        database=folder("METERHOUSE_DB") or data / "meterhouse.duckdb",
        published=folder("METERHOUSE_PUBLISHED") or data / "published",
        catalogue=folder("METERHOUSE_CATALOGUE"),
        as_of=_as_of(environ.get("METERHOUSE_AS_OF")),
        memory=_memory(environ.get("METERHOUSE_MEMORY") or "5GB"),
        threads=_threads(environ.get("METERHOUSE_THREADS") or "2"),
        is_landing_named=bool(environ.get("METERHOUSE_LANDING")),
    )


def _threads(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,2}", text, re.ASCII):
        raise MeterhouseError(
            "METERHOUSE_THREADS",
            f"a whole number from 1 is expected, found {text}",
            "for example 2",
        )
    return int(text)


def _memory(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d*(MB|GB)", text, re.ASCII):
        raise MeterhouseError(
            "METERHOUSE_MEMORY",
            f"a whole number of MB or GB is expected, found {text}",
            "for example 5GB",
        )
    return text


def _as_of(text: str | None) -> str | None:
    if text and not INSTANT.fullmatch(text):
        raise MeterhouseError(
            "METERHOUSE_AS_OF",
            f"an ISO 8601 instant with an offset is expected, found {text}",
            "for example 2026-03-05T06:00:00Z",
        )
    return text or None

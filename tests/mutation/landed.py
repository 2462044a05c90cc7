"""Changing what has landed: each function writes a new file in place of an old one.

Files of a world are links that others share, so none is ever written into.
"""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

Line = dict[str, Any]
Row = dict[str, str]


def read_bytes(path: Path) -> bytes:
    """What a file says, unpacked."""
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


def write_bytes(path: Path, content: bytes) -> None:
    """Put a new file in the place of `path`, packed if its name says so."""
    packed = gzip.compress(content, 1, mtime=0) if path.suffix == ".gz" else content
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed)


def batch(landing: Path, day: date) -> Path:
    """The batch with the events of a day, which lands half an hour after it."""
    return landing / "usage_events" / f"landed={day + timedelta(days=1):%Y%m%d}T003000Z"


def event_files(landing: Path, first: date, last: date) -> Iterator[Path]:
    """The files of usage events of some days, both inclusive."""
    for number in range((last - first).days + 1):
        yield from sorted(batch(landing, first + timedelta(days=number)).iterdir())


def change_events(paths: Iterable[Path], change: Callable[[Line], Line | None]) -> None:
    """Change each event of some files, or leave it out where nothing comes back.

    Raises ValueError where all of them stay as they are: that is no fault.
    """
    changed = sum(_change_events(path, change) for path in paths)
    if not changed:
        raise ValueError("no event is changed")


def _change_events(path: Path, change: Callable[[Line], Line | None]) -> int:
    before = [json.loads(line) for line in read_bytes(path).splitlines()]
    after = [change(json.loads(json.dumps(line))) for line in before]
    lines = [json.dumps(line, separators=(",", ":")) for line in after if line is not None]
    write_bytes(path, "".join(f"{line}\n" for line in lines).encode())
    return sum(old != new for old, new in zip(before, after, strict=True))


def tenant_of(line: Line) -> str | None:
    """Whose event it is, as its producer or a connector writes it."""
    found = line.get("tenant_id", line.get("subject"))
    return found if isinstance(found, str) else None


def body_of(line: Line) -> Line:
    """Where category, quantity and metadata stand: in the line, or in the data of an envelope."""
    return line["data"] if "specversion" in line else line


def statements(landing: Path, provider: str, month: str) -> Path:
    """A provider's statement of a month."""
    (path,) = (landing / "focus").rglob(f"{provider}_{month}.csv*")
    return path


def read_rows(path: Path) -> list[Row]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(read_bytes(path).decode())))


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Put rows in the place of a CSV file; the columns are those of the first."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_bytes(path, text.getvalue().encode())


def change_rows(path: Path, change: Callable[[Row], Row | None]) -> None:
    """Change each row of a CSV file, or leave it out where nothing comes back.

    Raises ValueError where all of them stay as they are.
    """
    before = read_rows(path)
    after = [change(dict(row)) for row in before]
    if after == before:
        raise ValueError(f"{path.name}: no row is changed")
    write_rows(path, [row for row in after if row is not None])

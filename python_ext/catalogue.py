"""A user's catalogue, laid over the default one.

dbt writes compiled SQL over a seed whose path is absolute, so it only ever sees copies inside the
project; the user's files are read and never written.
"""

import csv
import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

from python_ext.catalogue_tables import TABLES
from python_ext.errors import MeterhouseError

NOTES = {".md", ".txt", ".yml", ".yaml"}
"""Endings of files that may lie in a catalogue folder without being part of it."""


def lay_over(defaults: Path, overlay: Path | None, work: Path) -> Path:
    """Return the seeds to build from: `defaults`, or copies in `work` with `overlay` over them.

    `overlay` holds CSV files named like the default ones, flat or in sub-folders; a file that it
    lacks keeps its default. Raises MeterhouseError for a folder that does not exist, a file that is
    not part of the catalogue, or columns other than the default file's.
    """
    if overlay is None:
        return defaults
    if not overlay.is_dir():
        raise MeterhouseError(
            str(overlay),
            "the catalogue folder does not exist",
            "correct METERHOUSE_CATALOGUE, or unset it",
        )
    seeds = {path.relative_to(defaults): path for path in _files(defaults)}
    places = {place.name: place for place in seeds if place.suffix == ".csv"}
    for name, path in _user_files(overlay, set(places)).items():
        _same_columns(path, seeds[places[name]])
        seeds[places[name]] = path
    copies = work / hashlib.sha256(str(overlay.resolve()).encode()).hexdigest()[:12]
    for place, path in seeds.items():
        _copy(_filled(path, defaults / place), copies / place)
    for path in _files(copies):
        if path.relative_to(copies) not in seeds:
            path.unlink()
    return copies


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield path


def _user_files(overlay: Path, names: set[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in _files(overlay):
        if path.suffix in NOTES:
            continue
        if path.name not in names:
            raise MeterhouseError(
                str(path),
                "the catalogue has no file of this name",
                f"rename it to one of {', '.join(sorted(names))}, or move it out of the folder",
            )
        if path.name in found:
            raise MeterhouseError(
                str(path),
                f"the folder holds another file of this name, {found[path.name]}",
                "keep one",
            )
        found[path.name] = path
    return found


def _same_columns(path: Path, default: Path) -> None:
    columns, expected = _columns(path), _columns(default)
    if sorted(columns) != sorted(expected):
        table = TABLES.get(path.stem)
        missing = [name for name in expected if name not in columns]
        if (
            table
            and columns == [name for name in expected if name in columns]
            and not any(table.columns[name].is_required for name in missing)
        ):
            return  # what may be empty may be left out; the copy gets it
        extra = [name for name in columns if name not in expected or columns.count(name) > 1]
        differences = [
            f"{what} {', '.join(list_)}"
            for what, list_ in (("missing", missing), ("not known", extra))
            if list_
        ]
        raise MeterhouseError(
            f"{path} row 1",
            f"the columns differ from the default file's: {'; '.join(differences)}",
            f"make the first line {','.join(expected)}",
        )


def _columns(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return next(csv.reader(stream), [])
    except UnicodeDecodeError as error:
        raise MeterhouseError(
            str(path), f"not UTF-8 text ({error})", "save it as CSV UTF-8"
        ) from None


def _filled(path: Path, default: Path) -> bytes:
    """The content of `path`, with the optional columns that it leaves out."""
    content = path.read_bytes()
    if path.suffix != ".csv" or _columns(path) == (expected := _columns(default)):
        return content
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    places = [header.index(name) if name in header else None for name in expected]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(expected)
    for row in rows:  # one of another length is left as it is, for the check of rows to report
        fits = len(row) == len(header)
        writer.writerow(["" if i is None else row[i] for i in places] if fits else row)
    return text.getvalue().encode()


def _copy(content: bytes, copy: Path) -> None:
    """Copy what differs, each file in one step: another build may be reading the same copies."""
    if copy.is_file() and copy.read_bytes() == content:
        return
    copy.parent.mkdir(parents=True, exist_ok=True)
    partial = copy.with_name(f".{copy.name}.{os.getpid()}")
    partial.write_bytes(content)
    partial.replace(copy)

"""The marts-only file that others read while the next build runs."""

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from python_ext.errors import MeterhouseError

MARTS = ("dim_", "fct_", "rpt_", "exc_")
VIEW = "fct_meter_reading_events"
"""The one mart published as a view: its rows are found again through others, and would be many."""

UNFINISHED = {"fct_pending_versions"}
"""What only means something while a build runs."""

PARTIAL = ".publishing-"


def publish(database: Path, published: Path, memory: str = "5GB") -> Path:
    """Write `published`/meterhouse.duckdb from the marts in `database` and return its path.

    The file is written beside its place and moved there in one step: whoever has the former file
    open goes on reading that one. `memory` is DuckDB's limit while copying. Raises
    MeterhouseError where there is no database, no mart in it, another process writes to it, or
    `VIEW` cannot be made from what is published.
    """
    if not database.is_file():
        raise MeterhouseError(str(database), "there is no such database", "run meterhouse build")
    published.mkdir(parents=True, exist_ok=True)
    final = published / "meterhouse.duckdb"
    with _alone_in(published):
        for leftover in published.glob(f"{PARTIAL}*"):
            shutil.rmtree(leftover)
        with tempfile.TemporaryDirectory(prefix=PARTIAL, dir=published) as folder:
            # Any name but the source's: both are open under their file names.
            partial = Path(folder) / f"{database.stem}_published.duckdb"
            try:
                _write(database, partial, memory)
            except duckdb.Error as error:
                raise MeterhouseError(
                    str(database),
                    f"it cannot be published ({str(error).splitlines()[0]})",
                    "wait for the build that is using it, or build again",
                ) from None
            _sync(partial)
            partial.replace(final)
            _sync(published)
    return final


def _write(database: Path, partial: Path, memory: str) -> None:
    source = _quoted(database.stem)
    with closing(duckdb.connect(partial)) as connection:
        connection.execute(f"set memory_limit = '{memory}'")
        connection.execute("set preserve_insertion_order = false")
        # The source's views name its catalogue, so it must be attached under its own name.
        connection.execute(f"attach '{_escaped(str(database))}' as {source} (read_only)")
        marts = [name for name in _relations(connection, database.stem) if name.startswith(MARTS)]
        if not marts:
            raise MeterhouseError(
                str(database), "it holds no mart to publish", "run meterhouse build"
            )
        view, read_by_view = _view(connection, database.stem)
        for name in sorted({*marts, *read_by_view} - {VIEW, *UNFINISHED}):
            connection.execute(
                f"create table {_quoted(name)} as select * from {source}.main.{_quoted(name)}"
            )
        connection.execute(f"detach {source}")
        if view:
            connection.execute(view)  # refuses a relation that is not published
        connection.execute("checkpoint")


def _relations(connection: duckdb.DuckDBPyConnection, catalogue: str) -> list[str]:
    rows = connection.execute(
        "select table_name from information_schema.tables"
        " where table_catalog = ? and table_schema = 'main' order by table_name",
        [catalogue],
    ).fetchall()
    return [name for (name,) in rows]


def _view(connection: duckdb.DuckDBPyConnection, catalogue: str) -> tuple[str, set[str]]:
    """The statement that makes `VIEW` anew and the relations it reads; empty if it is no view."""
    row = connection.execute(
        "select sql from duckdb_views()"
        " where database_name = ? and schema_name = 'main' and view_name = ?",
        [catalogue, VIEW],
    ).fetchone()
    return unqualify(row[0], catalogue) if row else ("", set())


def unqualify(sql: str, catalogue: str) -> tuple[str, set[str]]:
    """Take `catalogue`.main. off every relation of a statement; also return the relations' names.

    Names come bare or in double quotes. Text in single quotes stays as it is.
    """
    name = re.escape(_quoted(catalogue)) + "|" + re.escape(catalogue)
    pattern = rf"""'(?:[^']|'')*'|(?<![\w".])(?:{name})[.](?:"main"|main)[.](\w+|"(?:[^"]|"")+")"""
    relations: set[str] = set()

    def shorten(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        relations.add(match[1].strip('"').replace('""', '"'))
        return match[1]

    return re.sub(pattern, shorten, sql), relations


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait for another publish to end; the lock goes with the process that holds it."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _escaped(text: str) -> str:
    return text.replace("'", "''")

"""Landing what a bus or a pipe hands over: locks, files, and the reading of standard input.

A file appears below usage_events/ whole or not at all: it is written and synced in `.consume/`,
where no reader looks, and moved into place by one rename. `bus` says what it is named.
"""

import fcntl
import gzip
import io
import os
import select
import shutil
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path, PurePosixPath
from types import FrameType, TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from python_ext import bus
from python_ext.errors import MeterhouseError
from python_ext.landing import FORMATS

STDIN_FOLDER = bus.CONSUMED / "stdin"
WORK_FOLDER = ".consume"
BLOCK_BYTES = 1024 * 1024
TICK_SECONDS = 0.2
PARQUET_SCHEMA = pa.schema([(name, pa.string()) for name in bus.COLUMNS])


class Format(StrEnum):
    """How landed files are written; the value is the ending of their names."""

    NDJSON = "ndjson"
    NDJSON_GZ = "ndjson.gz"
    PARQUET = "parquet"


@dataclass(frozen=True)
class Job:
    """What is the same for a bus and a pipe. `landed_at` is a stamp for what carries no time."""

    landing: Path
    file_format: Format
    limits: bus.Limits
    landed_at: datetime | None


@dataclass(frozen=True)
class Tally:
    """What was done. `known_files` were landed before; `blank` are tombstones and blank lines."""

    events: int = 0
    files: int = 0
    known_files: int = 0
    blank: int = 0
    unbelieved_times: int = 0


class Stop:
    """Turns the first SIGINT or SIGTERM into a wish to end; what is in hand is landed before."""

    def __init__(self) -> None:
        self.is_wanted = False

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Listen for the signals while the block runs. A second one ends the process at once."""

        def ask(number: int, _frame: FrameType | None) -> None:
            self.is_wanted = True
            signal.signal(number, signal.SIG_DFL)

        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class Shelf:
    """A folder below usage_events/ that one process at a time lands files in.

    Entering takes the lock and removes what a killed process left half written. Raises
    MeterhouseError for a landing folder that is missing and for one that another process holds.
    """

    def __init__(self, landing: Path, folder: PurePosixPath, file_format: Format) -> None:
        self._landing = landing
        self._folder = folder
        self._format = file_format
        self._work = landing / WORK_FOLDER / folder.name
        self._lock: io.TextIOWrapper | None = None

    def __enter__(self) -> Self:
        if not self._landing.is_dir():
            raise MeterhouseError(
                str(self._landing),
                "the landing folder does not exist",
                "create it, or name another one with --landing",
            )
        self._work.mkdir(parents=True, exist_ok=True)
        path = self._work / "lock"
        self._lock = path.open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise MeterhouseError(
                str(path),
                f"another process is landing into {self._folder} of this landing folder",
                "let it end, or stop it, and start again",
            ) from None
        for left in self._work.iterdir():
            if left.is_dir():
                shutil.rmtree(left)
            elif left.name != path.name:
                left.unlink()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._lock:
            self._lock.close()

    def names(self, below: str = "") -> list[str]:
        """The names in the folder, or in one below it; none where it does not exist yet."""
        folder = self._landing / self._folder / below
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def stage(self, name: str, lines: Sequence[bytes]) -> Path:
        """Write and sync lines (without line feeds) where no reader looks: a file, or a folder.

        `name` goes without an ending and holds a landing stamp. Parquet has no room for what is no
        plain event: such lines are NDJSON, in a file beside the rows, and one folder holds both so
        that one rename lands both.
        """
        if self._format is not Format.PARQUET:
            return _write_lines(self._work / f"{name}.{self._format}", lines)
        rows = [bus.parquet_row(line) for line in lines]
        plain = [row for row in rows if row is not None]
        rest = [line for line, row in zip(lines, rows, strict=True) if row is None]
        if not rest:
            return _write_rows(self._work / f"{name}.parquet", plain)
        if not plain:
            return _write_lines(self._work / f"{name}.ndjson", rest)
        folder = self._work / name
        folder.mkdir()
        _write_rows(folder / f"{name}.parquet", plain)
        _write_lines(folder / f"{name}.ndjson", rest)
        _sync(folder)
        return folder

    def publish(self, staged: Path, below: str = "") -> str:
        """Move what `stage` wrote into the folder, or one below it, for good.

        Returns its name relative to the landing folder.
        """
        name = self._folder / below / staged.name
        folder = (self._landing / name).parent
        is_new = not folder.is_dir()
        folder.mkdir(parents=True, exist_ok=True)
        staged.rename(self._landing / name)
        _sync(folder)
        for parent in name.parents[1:] if is_new else ():
            _sync(self._landing / parent)
        return name.as_posix()


def consume_lines(job: Job, lines: Iterable[bytes], report: Callable[[str], object]) -> Tally:
    """Land lines of standard input; a file whose content landed before is not landed again.

    Files are cut by events and bytes, never by time, so that the same input gives the same files.
    `report` is told the name of each landed file. Raises MeterhouseError where no stamp is known.
    """
    events, files, known, blank = 0, 0, 0, 0
    with Shelf(job.landing, STDIN_FOLDER, job.file_format) as shelf:
        stamp = job.landed_at or _next_stamp(job.landing)
        digests = bus.digests_in(shelf.names())
        batch: list[bytes] = []
        byte_count = 0

        def land() -> None:
            nonlocal events, files, known
            digest = bus.content_digest(batch)
            if digest in digests:
                known += 1
                return
            staged = shelf.stage(bus.content_name(stamp, files + known + 1, digest), batch)
            report(shelf.publish(staged))
            digests.add(digest)
            events += len(batch)
            files += 1

        for raw in lines:
            line = bus.one_line(raw)
            if line is None:
                blank += 1
                continue
            batch.append(line)
            byte_count += len(line) + 1
            if bus.is_full(len(batch), byte_count, 0, job.limits):
                land()
                batch, byte_count = [], 0
        if batch:
            land()
    return Tally(events=events, files=files, known_files=known, blank=blank)


def read_lines(descriptor: int, stop: Stop) -> Iterator[bytes]:
    """The lines of a pipe or file, with their line feeds, until it ends or a stop is wanted.

    A stop leaves a line of which only a part was read to whoever pipes it again.
    """
    rest = b""
    while not stop.is_wanted:
        if not select.select([descriptor], [], [], TICK_SECONDS)[0]:
            continue
        block = os.read(descriptor, BLOCK_BYTES)
        if not block:
            break
        *lines, rest = (rest + block).split(b"\n")
        yield from (line + b"\n" for line in lines)
    if rest and not stop.is_wanted:
        yield rest


def _next_stamp(landing: Path) -> datetime:
    """One second after the newest stamp in the landing folder: new, and the same at each try."""
    names = (
        path.relative_to(landing).as_posix()
        for folder in FORMATS
        for path in (landing / folder).rglob("*")
        if path.is_file() and not path.name.startswith((".", "_"))
    )
    newest = bus.newest_stamp(names)
    if newest is None:
        raise MeterhouseError(
            str(landing),
            "no file in the landing folder carries a landing stamp to go on from",
            "say when this input landed, for example --landed-at"
            f" {bus.format_stamp(datetime(2026, 3, 5, 10, tzinfo=UTC))}",
        )
    return newest + timedelta(seconds=1)


def _write_lines(path: Path, lines: Iterable[bytes]) -> Path:
    with path.open("wb") as stream:
        if path.name.endswith(".gz"):
            # no name and no time in the header: the same lines are the same bytes
            with gzip.GzipFile("", "wb", compresslevel=6, fileobj=stream, mtime=0) as packed:
                packed.writelines(line + b"\n" for line in lines)
        else:
            stream.writelines(line + b"\n" for line in lines)
        stream.flush()
        os.fsync(stream.fileno())
    return path


def _write_rows(path: Path, rows: list[dict[str, str | None]]) -> Path:
    with path.open("wb") as stream:
        pq.write_table(pa.Table.from_pylist(rows, PARQUET_SCHEMA), stream, compression="zstd")
        stream.flush()
        os.fsync(stream.fileno())
    return path


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""The landing folder: which files are there, when they landed, and the lines in them.

Nothing here decides what a line means; that is SQL's work. This module exists because a truncated
gzip, a stray carriage return or a byte that is not UTF-8 must neither stop a build nor vanish in
it, and because a line must keep the number that a text editor shows.
"""

import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from python_ext.errors import MeterhouseError

FORMATS = {
    "usage_events": {".ndjson": "ndjson", ".ndjson.gz": "ndjson", ".parquet": "parquet"},
    "focus": {".csv": "csv", ".csv.gz": "csv", ".parquet": "parquet"},
    "cost_pools": {".csv": "csv", ".csv.gz": "csv"},
    "policy_decisions": {".ndjson": "ndjson", ".ndjson.gz": "ndjson"},
    "actions": {".ndjson": "ndjson", ".ndjson.gz": "ndjson"},
    "locks": {".ndjson": "ndjson", ".ndjson.gz": "ndjson"},
    "issued": {".ndjson": "ndjson", ".ndjson.gz": "ndjson"},
}
"""Source folder -> how a file's name may end -> its format."""

NEEDED_COLUMNS = {
    "focus": (
        "a FOCUS cost and usage export",
        "export it as FOCUS 1.0 or later, or move it out of focus/",
        ("BilledCost", "BillingCurrency", "ChargeCategory", "ChargePeriodStart", "EffectiveCost"),
    ),
    "cost_pools": (
        "a file of cost pools",
        "add the column, or move it out of cost_pools/",
        ("cost_month", "cost_category", "amount", "currency_code"),
    ),
}
"""Source folder -> what a table there is, what to do about one that is not, and the columns without
which it is not (those of FOCUS are mandatory since 1.0)."""

BLOCK_BYTES = 8 * 1024 * 1024
STAMP = re.compile(r"(?<!\d)(\d{8}T\d{6}Z)(?!\d)")
FILES_SCHEMA = pa.schema(
    [
        ("landed_file", pa.string()),
        ("source_folder", pa.string()),
        ("file_format", pa.string()),
        ("digest", pa.string()),
        ("byte_count", pa.int64()),
        ("modified_ns", pa.int64()),
        ("stamped_at", pa.timestamp("us")),
    ]
)
"""The ledger. `digest` is SHA-256 in hex; `modified_ns` says when to look at a digest again."""

LINES_SCHEMA = pa.schema(
    [("landed_file", pa.string()), ("line_number", pa.int64()), ("raw_line", pa.string())]
)


@dataclass(frozen=True)
class LandedFile:
    """One file of the landing folder; `name` is relative to it, with forward slashes."""

    name: str
    source_folder: str
    file_format: str
    stamp: datetime | None
    byte_count: int
    modified_ns: int


def list_files(landing: Path, as_of: str | None = None) -> list[LandedFile]:
    """The files of `landing`, in name order, without a look into any of them.

    Raises MeterhouseError for a folder that cannot be used: missing, empty, with a file of an
    unknown format or a stamp that is none, or without any stamp where `as_of` (ISO 8601) is unset.
    """
    files = list(_list_files(landing))
    if not files:
        raise MeterhouseError(
            str(landing),
            "the landing folder holds no usage events and no cost statements",
            "land a file below usage_events/ or focus/, or name another METERHOUSE_LANDING",
        )
    if not any(file.stamp for file in files) and _parse_as_of(as_of) is None:
        raise MeterhouseError(
            f"{landing}/{files[0].name}",
            "no file in the landing folder carries a landing stamp, and as_of is not set",
            "land it below landed=YYYYMMDDTHHMMSSZ/, or set METERHOUSE_AS_OF to an instant",
        )
    return files


def take_stock(landing: Path, as_of: str | None, ledger: pa.Table | None) -> pa.Table:
    """Compare `landing` with the ledger of what was built, and return the ledger to date.

    Both are tables of `FILES_SCHEMA`.
    A file of the ledger whose size and time of change are as they were is not opened. One that was
    touched is read again, and refused unless its digest is the same; what is new is looked into.
    Raises MeterhouseError for a file that changed or went away after it was built, and for one
    that cannot be used: a truncated gzip, a CSV that is not FOCUS.
    """
    known = {row["landed_file"]: row for row in (ledger.to_pylist() if ledger is not None else ())}
    files = list_files(landing, as_of)
    gone = sorted(known.keys() - {file.name for file in files})
    if gone:
        others = f" (and {len(gone) - 1} more)" if len(gone) > 1 else ""
        raise MeterhouseError(
            f"{landing}/{gone[0]}{others}",
            "the file was built before and is not there any more; what has landed stays",
            "put it back, or start anew with meterhouse build --full-refresh",
        )
    seen = {name: (row["byte_count"], row["modified_ns"]) for name, row in known.items()}
    touched = [file for file in files if seen.get(file.name) != (file.byte_count, file.modified_ns)]

    def inspect(file: LandedFile) -> str:
        digest = _digest(landing / file.name)
        if file.name in known and known[file.name]["digest"] != digest:
            raise MeterhouseError(
                f"{landing}/{file.name}",
                "the file changed after it was built; a landed file never changes",
                "restore it and land the difference as a new file, or start anew with"
                " meterhouse build --full-refresh",
            )
        _check(landing / file.name, file)
        return digest

    with ThreadPoolExecutor() as pool:
        digests = list(pool.map(inspect, touched))
    digest_of = {file.name: digest for file, digest in zip(touched, digests, strict=True)}
    return pa.Table.from_pylist(
        [
            {
                "landed_file": file.name,
                "source_folder": file.source_folder,
                "file_format": file.file_format,
                "digest": digest_of.get(file.name) or known[file.name]["digest"],
                "byte_count": file.byte_count,
                "modified_ns": file.modified_ns,
                "stamped_at": file.stamp.replace(tzinfo=None) if file.stamp else None,
            }
            for file in files
        ],
        schema=FILES_SCHEMA,
    )


def read_lines(landing: Path, names: Sequence[str]) -> pa.RecordBatchReader:
    """Stream the lines of NDJSON files as batches of `LINES_SCHEMA`; no file is held in memory.

    Lines end with a line feed, before which a carriage return is dropped; they are numbered from 1.
    Blank lines are counted but not returned. Bytes that are not UTF-8 come as `\\xNN`.
    Raises MeterhouseError for a gzip that ends early or is damaged.
    """
    batches = (batch for name in names for batch in _line_batches(landing / name, name))
    return pa.RecordBatchReader.from_batches(LINES_SCHEMA, batches)


def _list_files(landing: Path) -> Iterator[LandedFile]:
    if not landing.is_dir():
        raise MeterhouseError(
            str(landing),
            "the landing folder does not exist",
            "name an existing folder in METERHOUSE_LANDING, or write demo data: meterhouse demo",
        )
    for source_folder, formats in FORMATS.items():
        for path in sorted((landing / source_folder).rglob("*")):
            if path.name.startswith((".", "_")) or not path.is_file():
                continue
            name = path.relative_to(landing).as_posix()
            ending = next((end for end in formats if path.name.endswith(end)), None)
            if ending is None:
                raise MeterhouseError(
                    str(path),
                    f"a file in {source_folder}/ ends in one of {', '.join(formats)}",
                    "convert it, or move it out of the landing folder",
                )
            status = path.stat()
            yield LandedFile(
                name,
                source_folder,
                formats[ending],
                _stamp(path, name),
                status.st_size,
                status.st_mtime_ns,
            )


def _stamp(path: Path, name: str) -> datetime | None:
    """The landing stamp: a path part `landed=STAMP`, else one in the file's name."""
    parts = [part.removeprefix("landed=") for part in name.split("/") if part.startswith("landed=")]
    found = parts[-1:] or STAMP.findall(path.name)[-1:]
    if not found:
        return None
    return parse_stamp(str(path), found[0])


def parse_stamp(subject: str, text: str) -> datetime:
    """The instant of a landing stamp, with its zone. Raises MeterhouseError, about `subject`."""
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise MeterhouseError(
            subject,
            f"a landing stamp reads YYYYMMDDTHHMMSSZ, found {text}",
            "correct it",
        ) from None


def _parse_as_of(as_of: str | None) -> datetime | None:
    if not as_of:
        return None
    try:
        instant = datetime.fromisoformat(as_of)
    except ValueError:
        raise MeterhouseError(
            "as_of",
            f"an ISO 8601 instant is expected, found {as_of}",
            "for example 2026-03-05T06:00:00Z",
        ) from None
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


def _check(path: Path, file: LandedFile) -> None:
    """Refuse a file that another reader would skip over or read in part.

    Lines and rows are not read here: `read_lines` and `focus.read_csv_rows` meet a damaged gzip.
    """
    if file.file_format == "parquet":
        try:
            columns = pq.read_schema(path).names
        except (pa.ArrowInvalid, OSError) as error:
            raise MeterhouseError(
                str(path),
                f"not a readable Parquet file ({error})",
                "write it anew and land it again",
            ) from error
    elif file.file_format == "csv":
        header = next(_blocks(path), b"").split(b"\n", 1)[0].decode("utf-8-sig", "replace")
        columns = [column.strip().strip('"') for column in header.strip().split(",")]
    else:
        return
    if file.source_folder in NEEDED_COLUMNS:
        what, remedy, needed = NEEDED_COLUMNS[file.source_folder]
        missing = [column for column in needed if column not in columns]
        if missing:
            rule = f"not {what}: no column {', '.join(missing)}"
            raise MeterhouseError(str(path), rule, remedy)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as stream:
            while block := stream.read(BLOCK_BYTES):
                yield block
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise MeterhouseError(
            str(path), f"the gzip is truncated or damaged ({error})", "land the whole file again"
        ) from error


def _line_batches(path: Path, name: str) -> Iterator[pa.RecordBatch]:
    first_number, rest = 1, b""
    for block in _blocks(path):
        if first_number == 1 and not rest:
            block = block.removeprefix(b"\xef\xbb\xbf")  # a byte order mark is no part of a line
        whole, newline, tail = block.rpartition(b"\n")
        if newline:
            yield _batch(rest + whole + newline, first_number, name)
            first_number += (rest + whole).count(b"\n") + 1
            rest = tail
        else:
            rest += block
    if rest:
        yield _batch(rest + b"\n", first_number, name)


def _batch(text: bytes, first_number: int, name: str) -> pa.RecordBatch:
    """Cut `text` (whole lines, each with its line feed) into rows without copying the lines."""
    ends = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == ord("\n")) + 1
    offsets = np.concatenate(([0], ends)).astype(np.int32)
    lines = pa.Array.from_buffers(
        pa.string(), len(ends), [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(text)]
    )
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        decoded = [line.decode("utf-8", "backslashreplace") for line in text.split(b"\n")[:-1]]
        lines = pa.array(decoded, pa.string())
    lines = pc.utf8_rtrim(lines, characters="\r\n")
    batch = pa.RecordBatch.from_arrays(
        [
            pa.array([name], pa.string()).take(pa.array(np.zeros(len(ends), dtype=np.int32))),
            pa.array(np.arange(first_number, first_number + len(ends), dtype=np.int64)),
            lines,
        ],
        schema=LINES_SCHEMA,
    )
    return batch.filter(pc.not_equal(pc.ascii_trim_whitespace(lines), ""))

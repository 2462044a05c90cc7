"""What a bus consumer decides: names of landed files, where to resume, stamps, and lines.

Pure functions; `consume` does what they say to files, `consume_kafka` to brokers. The names on disk
are the consumer's only memory: a range of offsets is landed when a file of its name is there, and
nothing is kept elsewhere that could disagree with it.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from python_ext.errors import MeterhouseError
from python_ext.landing import STAMP

CONSUMED = PurePosixPath("usage_events/consumed")
"""What the consumer lands, relative to the landing folder."""

STAMP_FORMAT = "%Y%m%dT%H%M%SZ"
FIRST_YEAR = 2000
"""Older message timestamps are no times: producers in seconds for milliseconds, clocks not set."""

COLUMNS = ("id", "tenant_id", "timestamp", "category", "type", "quantity", "metadata")
"""The columns of a landed Parquet file, all of them text."""

_ENDING = r"(?:\.ndjson|\.ndjson\.gz|\.parquet)?"  # none: a folder of two files
_RANGE = re.compile(rf"(\d{{20}})-(\d{{20}})_(\d{{8}}T\d{{6}}Z){_ENDING}", re.ASCII)
_CONTENT = re.compile(rf"\d{{8}}T\d{{6}}Z_\d{{6}}_([0-9a-f]{{64}}){_ENDING}", re.ASCII)
_SOURCE = re.compile(r"[A-Za-z0-9._-]{1,249}", re.ASCII)
_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?[0-9]")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")  # half a surrogate pair is no UTF-8
_READER = json.JSONDecoder(parse_float=str, parse_int=str)


@dataclass(frozen=True)
class Record:
    """One message of a partition. `time_ms` is its broker timestamp (milliseconds since 1970)."""

    offset: int
    time_ms: int | None
    value: bytes | None


@dataclass(frozen=True)
class Span:
    """A landed range of offsets of one partition, both ends included, and its landing stamp."""

    first: int
    last: int
    stamp: datetime


@dataclass(frozen=True)
class Landed:
    """What of a partition is on disk; both are None where nothing is."""

    last: int | None
    stamp: datetime | None


@dataclass(frozen=True)
class Limits:
    """A batch is landed as soon as it reaches one of these."""

    events: int
    bytes: int
    seconds: float


def topic_folder(source: str) -> PurePosixPath:
    """Where messages of a topic land, relative to the landing folder.

    Raises MeterhouseError for a name that no Kafka topic can have.
    """
    if not _SOURCE.fullmatch(source) or source in {".", ".."}:
        raise MeterhouseError(
            source or "topic",
            "a topic is named with up to 249 letters, digits, dots, underscores and hyphens",
            "name one topic; patterns and lists are not understood",
        )
    return CONSUMED / f"topic={source}"


def partition_folder(source: str, partition: int) -> PurePosixPath:
    """Where messages of one partition land, relative to the landing folder."""
    return topic_folder(source) / f"partition={partition}"


def range_name(span: Span) -> str:
    """The name of a landed range, without the ending that tells its format."""
    return f"{span.first:020d}-{span.last:020d}_{format_stamp(span.stamp)}"


def parse_range(name: str) -> Span:
    """Read a name that `range_name` gave, with or without an ending.

    Raises MeterhouseError for any other name: to pass it over could land its messages again.
    """
    found = _RANGE.fullmatch(name)
    stamp = parse_stamp(found[3]) if found else None
    if not found or stamp is None or int(found[1]) > int(found[2]):
        raise MeterhouseError(
            name,
            "a file in a partition's folder is named FIRST-LAST_YYYYMMDDTHHMMSSZ, in offsets of 20"
            " digits",
            "give it back the name it landed with, or move it to another folder below usage_events",
        )
    return Span(int(found[1]), int(found[2]), stamp)


def landed_so_far(names: Iterable[str]) -> Landed:
    """The highest offset and the newest stamp among the names in a partition's folder."""
    spans = [parse_range(name) for name in names if not name.startswith((".", "_"))]
    return Landed(
        max((span.last for span in spans), default=None),
        max((span.stamp for span in spans), default=None),
    )


def resume_at(place: str, landed: Landed, low: int, high: int, skip_lost: bool) -> int:
    """The offset to go on from, where the broker holds the offsets from `low` up to before `high`.

    A partition of which nothing is landed is read from its beginning, wherever that is by now.
    Raises MeterhouseError, naming `place`, where messages were deleted before they were landed
    (unless `skip_lost`) and where offsets were landed that the partition does not have.
    """
    if landed.last is None:
        return low
    start = landed.last + 1
    if start > high:
        raise MeterhouseError(
            place,
            f"offsets up to {landed.last} are landed, and the partition ends before {high}: it is"
            " another topic of the same name, or one that lost messages",
            "land it under another name with --land-as",
        )
    if start < low and not skip_lost:
        raise MeterhouseError(
            place,
            f"offsets {start} to {low - 1} were deleted by the broker before they were landed",
            "land them from elsewhere if you can, then go on with --skip-lost, and let the topic"
            " keep messages longer",
        )
    return max(start, low)


def content_digest(lines: Sequence[bytes]) -> str:
    """SHA-256, in hex, of lines as an NDJSON file holds them, whatever format they land in."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line + b"\n")
    return digest.hexdigest()


def content_name(stamp: datetime, number: int, digest: str) -> str:
    """The name of a file of standard input; `number` keeps the files of one input in its order."""
    return f"{format_stamp(stamp)}_{number:06d}_{digest}"


def digests_in(names: Iterable[str]) -> set[str]:
    """The digests among names that `content_name` gave."""
    return {found[1] for name in names if (found := _CONTENT.fullmatch(name))}


def format_stamp(stamp: datetime) -> str:
    """A landing stamp as it stands in names: YYYYMMDDTHHMMSSZ, in UTC."""
    return stamp.astimezone(UTC).strftime(STAMP_FORMAT)


def parse_stamp(text: str) -> datetime | None:
    """Read a landing stamp; None for anything else."""
    if not re.fullmatch(r"\d{8}T\d{6}Z", text, re.ASCII):
        return None
    try:
        return datetime.strptime(text, STAMP_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def newest_stamp(names: Iterable[str]) -> datetime | None:
    """The newest landing stamp among names that are relative to the landing folder.

    As `landing` reads them: a path part `landed=STAMP`, else the last stamp in the file's name.
    """
    stamps = []
    for name in names:
        *folders, file = name.split("/")
        parts = [part.removeprefix("landed=") for part in folders if part.startswith("landed=")]
        found = parts[-1:] or STAMP.findall(file)[-1:]
        stamps += [stamp for text in found if (stamp := parse_stamp(text))]
    return max(stamps, default=None)


def is_time(time_ms: int | None, not_after: datetime) -> bool:
    """Whether a broker timestamp can be believed.

    One from the future would be the newest stamp of the whole landing folder for good.
    """
    if time_ms is None:
        return False
    first = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    return first.timestamp() * 1000 <= time_ms <= not_after.timestamp() * 1000


def batch_stamp(
    times_ms: Iterable[int | None], previous: datetime | None, not_after: datetime
) -> datetime | None:
    """The stamp of a batch: its newest timestamp, rounded up to a second, at least `previous`.

    Timestamps that cannot be believed (`is_time`) do not count; None where there is nothing else.
    """
    times = [time for time in times_ms if time is not None and is_time(time, not_after)]
    known = [previous] if previous else []
    if times:
        seconds = -(-max(times) // 1000)
        known.append(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
    return max(known, default=None)


def is_full(events: int, byte_count: int, seconds: float, limits: Limits) -> bool:
    """Whether a batch is to be landed."""
    return (
        events >= limits.events
        or byte_count >= limits.bytes
        or (events > 0 and seconds >= limits.seconds)
    )


def one_line(value: bytes | None) -> bytes | None:
    """A message as one line without its line feed; None for a tombstone and for blank text.

    In valid JSON a raw newline can only be white space and becomes a blank; numbers keep their
    digits, for nothing is written anew. In anything else it becomes ` \\x0a`, which is valid in no
    JSON text, inside a string or out, so that what was refused stays refused. The blank before it
    keeps a backslash that ends a line from turning the escape into text.
    """
    if value is None or not value.strip():
        return None
    value = value.rstrip(b"\r\n")
    if b"\n" not in value:
        return value
    if _is_json(value):
        return value.replace(b"\r", b" ").replace(b"\n", b" ")
    return value.replace(b"\n", b" \\x0a")


def parquet_row(line: bytes) -> dict[str, str | None] | None:
    """An event as a row of `COLUMNS`, or None where the columns would lose a part of it.

    Lost would be: what is no JSON object, a CloudEvents envelope or any other field, a field that
    stands twice, and a value of another type. Quantities and metadata stay as they were written.
    """
    try:
        members = _members(line.decode())
    except (ValueError, RecursionError):
        return None
    row: dict[str, str | None] = dict.fromkeys(COLUMNS)
    if len(dict(members)) < len(members) or not row.keys() >= dict(members).keys():
        return None
    for name, text in members:
        value = _column(name, text)
        if value is None and text != "null":
            return None
        row[name] = value
    return row


def _column(name: str, text: str) -> str | None:
    """A JSON value as the text of a column; None where it is null or does not fit."""
    if name == "metadata":
        return text if text[0] == "{" else None
    if text[0] == '"':
        value: str = _READER.decode(text)
        return None if _NO_TEXT.search(value) else value
    return text if name == "quantity" and _NUMBER.match(text) else None


def _is_json(text: bytes) -> bool:
    try:
        _READER.decode(text.decode())
    except (ValueError, RecursionError):
        return False
    return True


def _members(text: str) -> list[tuple[str, str]]:
    """The members of a JSON object, each value as it was written. ValueError for anything else."""
    if not isinstance(_READER.decode(text), dict):
        raise ValueError("not an object")
    members = []
    at = _skip(text, text.index("{") + 1)
    while text[at] != "}":
        name, at = _READER.raw_decode(text, at)
        start = _skip(text, _skip(text, at) + 1)
        _, end = _READER.raw_decode(text, start)
        members.append((name, text[start:end]))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return members


def _skip(text: str, at: int) -> int:
    """The place of the first character from `at` on that is no white space."""
    found = _SPACE.match(text, at)
    return found.end() if found else at

"""What the bus consumer decides: names, resume points, stamps, cuts and lines."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_ext import bus, consume_cli, landing
from python_ext.consume import Format, Job, Shelf, Tally, consume_lines
from python_ext.errors import MeterhouseError

STAMP = datetime(2026, 3, 5, 10, tzinfo=UTC)
NOW = datetime(2026, 3, 6, tzinfo=UTC)
TIME_MS = int(STAMP.timestamp() * 1000)
LIMITS = bus.Limits(events=10, bytes=1000, seconds=60)
STAMPS = st.datetimes(datetime(2000, 1, 1), datetime(9999, 12, 31)).map(
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)
OFFSETS = st.integers(0, 2**63 - 1)
ENDINGS = st.sampled_from(["", ".ndjson", ".ndjson.gz", ".parquet"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def is_json(text: bytes) -> bool:
    try:
        json.loads(text.decode())
    except ValueError:
        return False
    return True


@given(first=OFFSETS, length=st.integers(0, 10**6), stamp=STAMPS, ending=ENDINGS)
def test_a_range_is_read_back_from_its_name(
    first: int, length: int, stamp: datetime, ending: str
) -> None:
    span = bus.Span(first, first + length, stamp)
    name = bus.range_name(span) + ending
    assert bus.parse_range(name) == span
    assert bus.newest_stamp([f"usage_events/{name}"]) == stamp, "and landing reads the stamp"


@given(spans=st.lists(st.tuples(OFFSETS, STAMPS), min_size=1))
def test_names_sort_as_their_offsets_do(spans: list[tuple[int, datetime]]) -> None:
    names = [bus.range_name(bus.Span(first, first, stamp)) for first, stamp in spans]
    assert [bus.parse_range(name).first for name in sorted(names)] == sorted(
        first for first, _ in spans
    )


@pytest.mark.parametrize(
    "name",
    [
        "events.ndjson",
        "1-2_20260305T100000Z.ndjson",
        f"{2:020}-{1:020}_20260305T100000Z.ndjson",
        f"{1:020}-{2:020}_20261305T100000Z.ndjson",
        f"{1:020}-{2:020}_20260305T100000Z.csv",
        f"{1:020}-{2:020}_20260305T100000Z.ndjson.old",
    ],
)
def test_a_name_that_is_no_range_stops_the_consumer(name: str) -> None:
    with pytest.raises(MeterhouseError, match="a file in a partition's folder is named"):
        bus.landed_so_far([name])


def test_hidden_names_in_a_partition_are_passed_over() -> None:
    assert bus.landed_so_far([".nfs01", "_SUCCESS"]) == bus.Landed(None, None)


@pytest.mark.parametrize("source", ["", "a/b", "..", "^usage.*", "a,b", "é", "x" * 250])
def test_what_no_topic_is_named_is_refused(source: str) -> None:
    with pytest.raises(MeterhouseError, match="a topic is named with"):
        bus.partition_folder(source, 0)


def test_a_partition_has_its_folder() -> None:
    folder = bus.partition_folder("acme.usage_v1", 3)
    assert folder.as_posix() == "usage_events/consumed/topic=acme.usage_v1/partition=3"


@pytest.mark.parametrize(
    ("last", "low", "high", "skip_lost", "start"),
    [
        (None, 0, 5, False, 0),
        (None, 3, 5, False, 3),  # what was deleted before the first run is nobody's loss
        (4, 0, 5, False, 5),
        (4, 0, 9, False, 5),
        (4, 5, 9, False, 5),
        (4, 7, 9, True, 7),
    ],
)
def test_a_partition_is_resumed_after_what_is_landed(
    last: int | None, low: int, high: int, skip_lost: bool, start: int
) -> None:
    assert bus.resume_at("t/0", bus.Landed(last, STAMP), low, high, skip_lost) == start


def test_lost_messages_are_not_passed_over_in_silence() -> None:
    with pytest.raises(MeterhouseError, match=r"t/0: offsets 5 to 6 were deleted by the broker"):
        bus.resume_at("t/0", bus.Landed(4, STAMP), 7, 9, skip_lost=False)
    with pytest.raises(MeterhouseError, match="another topic of the same name"):
        bus.resume_at("t/0", bus.Landed(4, STAMP), 0, 4, skip_lost=True)


@pytest.mark.parametrize(
    ("times", "previous", "stamp"),
    [
        ([TIME_MS], None, STAMP),
        ([TIME_MS + 1], None, STAMP + timedelta(seconds=1)),
        ([TIME_MS + 5000, TIME_MS], None, STAMP + timedelta(seconds=5)),
        ([TIME_MS], STAMP + timedelta(hours=1), STAMP + timedelta(hours=1)),
        ([TIME_MS, None, 0, -1, TIME_MS // 1000, TIME_MS * 1000], None, STAMP),
        ([TIME_MS * 1000], STAMP, STAMP),
        ([None], None, None),
    ],
)
def test_a_stamp_is_the_newest_time_that_can_be_believed(
    times: list[int | None], previous: datetime | None, stamp: datetime | None
) -> None:
    assert bus.batch_stamp(times, previous, NOW) == stamp


@given(times=st.lists(st.integers(0, 2 * TIME_MS), min_size=1), previous=STAMPS.filter(NOW.__gt__))
def test_a_stamp_is_a_whole_second_and_never_behind(times: list[int], previous: datetime) -> None:
    stamp = bus.batch_stamp(times, previous, NOW)
    assert stamp is not None and stamp >= previous and stamp.microsecond == 0
    assert bus.parse_stamp(bus.format_stamp(stamp)) == stamp
    assert all(stamp.timestamp() * 1000 >= time for time in times if bus.is_time(time, NOW))


@pytest.mark.parametrize(
    ("events", "byte_count", "seconds", "is_full"),
    [
        (9, 999, 59.9, False),
        (10, 0, 0, True),
        (1, 1000, 0, True),
        (1, 1, 60, True),
        (0, 0, 600, False),
    ],
)
def test_a_batch_is_cut_at_the_first_limit(
    events: int, byte_count: int, seconds: float, is_full: bool
) -> None:
    assert bus.is_full(events, byte_count, seconds, LIMITS) is is_full


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (None, None),
        (b"", None),
        (b" \r\n\t", None),
        (b'{"a":1.50}', b'{"a":1.50}'),
        (b'{"a":1.50}\r\n', b'{"a":1.50}'),
        (
            b'{\r\n"a": 1.0000000000000000000001,\n"b": 1e400}',
            b'{  "a": 1.0000000000000000000001, "b": 1e400}',
        ),
        (b'{"a":"x\ny"}', b'{"a":"x \\x0ay"}'),
        (b'{"a":"x\\\ny"}', b'{"a":"x\\ \\x0ay"}'),
        (b'{"a":1}\n{"a":2}', b'{"a":1} \\x0a{"a":2}'),
        (b"\xff\xfe\n", b"\xff\xfe"),
        (b"\xff\n\xfe", b"\xff \\x0a\xfe"),
        (b"[\n" * 100_000, b"[ \\x0a" * 99_999 + b"["),
    ],
)
def test_a_message_is_one_line(value: bytes | None, line: bytes | None) -> None:
    assert bus.one_line(value) == line


@settings(max_examples=50)
@given(JSON, st.sampled_from(["\n", "\r\n", " \n "]))
def test_pretty_json_keeps_its_meaning_on_one_line(value: object, newline: str) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False).replace("\n", newline)
    try:
        pretty = text.encode()
    except UnicodeEncodeError:
        return
    line = bus.one_line(pretty)
    assert line is not None and b"\n" not in line
    assert repr(json.loads(line)) == repr(json.loads(pretty))


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(['{"a":', '"', "}", "\\", "\n", "\r", "x", "1", ","]), max_size=9).map(
        lambda parts: "".join(parts).encode()
    )
    | st.lists(st.sampled_from(["\\", "\n", "\\n", "x"]), max_size=5).map(
        lambda parts: b'{"a":"%s"}' % "".join(parts).encode()
    )
    | st.binary(max_size=20)
)
def test_a_refused_message_stays_refused(value: bytes) -> None:
    line = bus.one_line(value)
    assert (line is None) == (not value.strip())
    if line is not None:
        assert b"\n" not in line
        assert bus.one_line(line) == line
        assert is_json(line) == is_json(value)


@pytest.mark.parametrize(
    ("line", "row"),
    [
        (b'{"id":"a","quantity":1.50}', {"id": "a", "quantity": "1.50"}),
        (b'{"id":"a","quantity":"1.50"}', {"id": "a", "quantity": "1.50"}),
        (b' { "id" : "a" , "quantity" : -1e3 } ', {"id": "a", "quantity": "-1e3"}),
        (b'{"id":null,"metadata":null}', {}),
        (b"{}", {}),
        (b'{"metadata": {"n": 1.0, "s": "\\u00e9"}}', {"metadata": '{"n": 1.0, "s": "\\u00e9"}'}),
        (b'{"type":"caf\\u00e9"}', {"type": "caf\u00e9"}),
    ],
)
def test_a_plain_event_is_a_parquet_row(line: bytes, row: dict[str, str]) -> None:
    assert bus.parquet_row(line) == dict.fromkeys(bus.COLUMNS) | row


@pytest.mark.parametrize(
    "line",
    [
        b"no json",
        b"[1]",
        b'"text"',
        b'{"id":"a"} {"id":"b"}',
        b'{"specversion":"1.0","id":"a"}',
        b'{"id":"a","id":"b"}',
        b'{"id":1}',
        b'{"timestamp":20260305}',
        b'{"quantity":true}',
        b'{"quantity":-Infinity}',
        b'{"quantity":NaN}',
        b'{"metadata":"text"}',
        b'{"metadata":[1]}',
        b'{"id":"\\ud800"}',
        b'{"id":"\\u0000"}',
        b'{"id":"\xff"}',
        b'{"metadata":' + b'{"a":' * 100_000,
    ],
)
def test_what_columns_would_lose_is_no_parquet_row(line: bytes) -> None:
    assert bus.parquet_row(line) is None


def test_the_newest_stamp_is_found_as_landing_finds_it() -> None:
    names = [
        "usage_events/landed=20260305T100000Z/a_20270101T000000Z.ndjson",
        "usage_events/b_20260305T110000Z.ndjson",
        "usage_events/topic=landed=20280101T000000Z/c.ndjson",
        "focus/d_20261399T000000Z.csv",
        "focus/e.csv",
    ]
    assert bus.newest_stamp(names) == STAMP + timedelta(hours=1)
    assert bus.newest_stamp(names[2:]) is None


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_killed_at_any_point_every_offset_lands_once_and_in_order(data: st.DataObject) -> None:
    """A process reads, cuts, writes, moves and may die between any two steps, any number of times.

    Offsets have gaps as compacted and transactional topics do; some messages are tombstones.
    """
    steps = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=25), "gaps")
    offsets = [sum(steps[: at + 1]) for at in range(len(steps))]
    messages = [
        bus.Record(at, TIME_MS + at, data.draw(st.sampled_from([b'{"id":"%d"}' % at, None, b"?"])))
        for at in offsets
    ]
    with TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(5):
            if not live_once(folder, messages, data):
                break
        live_once(folder, messages, None)
        landed = read_back(folder)
        spans = [bus.parse_range(name) for name in partition_names(folder)]
    values = [message.value for message in messages if message.value is not None]
    assert sorted(landed) == sorted(values)
    assert [line for line in landed if line != b"?"] == [line for line in values if line != b"?"]
    assert all(one.last < next_.first for one, next_ in pairwise(spans))
    assert all(one.stamp <= next_.stamp for one, next_ in pairwise(spans))


def live_once(folder: Path, messages: list[bus.Record], data: st.DataObject | None) -> bool:
    """One life of a consumer over pure functions and real files; whether it was killed.

    Without `data` nothing kills it, and it cuts at every third message.
    """

    def draw(choices: list[int]) -> int:
        return choices[0] if data is None else data.draw(st.sampled_from(choices))

    file_format = [Format.NDJSON, Format.PARQUET, Format.NDJSON_GZ][draw([0, 1, 2])]
    with Shelf(folder, bus.topic_folder("t"), file_format) as shelf:
        landed = bus.landed_so_far(shelf.names("partition=0"))
        start = bus.resume_at("t/0", landed, 0, messages[-1].offset + 1, skip_lost=False)
        todo = [message for message in messages if message.offset >= start]
        while todo:
            size = draw([3, 1, 7])
            batch, todo = todo[:size], todo[size:]
            lines = [line for one in batch if (line := bus.one_line(one.value)) is not None]
            if not lines:
                continue
            death = draw([0, 0, 0, 1, 2])
            times = [one.time_ms for one in batch]
            stamp = bus.batch_stamp(times, landed.stamp, NOW)
            assert stamp is not None
            span = bus.Span(batch[0].offset, batch[-1].offset, stamp)
            staged = shelf.stage(bus.range_name(span), lines)
            if death == 1:
                return True
            shelf.publish(staged, "partition=0")
            landed = bus.Landed(span.last, stamp)
            if death == 2:
                return True
    return False


def partition_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob(f"{bus.partition_folder('t', 0)}/*"))


def read_back(folder: Path) -> list[bytes]:
    """The lines that the product would read, with the ids of Parquet rows as lines."""
    lines: list[bytes] = []
    if not partition_names(folder):
        return lines
    files = landing.take_stock(folder, None, None).to_pylist()
    for file in sorted(files, key=lambda file: file["landed_file"]):
        if file["file_format"] == "parquet":
            rows = pq.ParquetFile(folder / file["landed_file"]).read().to_pylist()
            lines += [b'{"id":"%s"}' % row["id"].encode() for row in rows]
        else:
            table = landing.read_lines(folder, [file["landed_file"]]).read_all()
            lines += [line.encode() for line in table["raw_line"].to_pylist()]
    return lines


def job(folder: Path, landed_at: datetime | None = STAMP, events: int = 10) -> Job:
    return Job(folder, Format.NDJSON, replace(LIMITS, events=events), landed_at)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.binary(max_size=9), max_size=30), st.integers(0, 4), st.integers(1, 9))
def test_an_input_that_was_cut_short_is_landed_whole_by_piping_it_again(
    lines: list[bytes], whole: int, events: int
) -> None:
    with TemporaryDirectory() as name:
        first: list[str] = []
        consume_lines(job(Path(name), events=events), lines[: whole * events], first.append)
        consume_lines(job(Path(name), events=events), lines, first.append)
        names = [path.name for path in (Path(name) / "usage_events").rglob("*.ndjson")]
        digests = bus.digests_in(path.split(".")[0] for path in names)
        landed = {line for file in first for line in (Path(name) / file).read_bytes().split(b"\n")}
    wanted = {one for line in lines if (one := bus.one_line(line)) is not None}
    assert landed - {b""} == wanted
    assert len(digests) == len(names) == len(first), "no content stands twice"


def test_input_without_a_stamp_lands_a_second_after_the_newest(tmp_path: Path) -> None:
    with pytest.raises(MeterhouseError, match="no file in the landing folder carries a landing"):
        consume_lines(job(tmp_path, None), [b"{}"], str)
    (tmp_path / "focus").mkdir()
    (tmp_path / "focus/a_20260305T100000Z.csv").touch()
    names: list[str] = []
    assert consume_lines(job(tmp_path, None), [b"{}\n", b"\n"], names.append) == Tally(
        events=1, files=1, blank=1
    )
    assert names[0].startswith("usage_events/consumed/stdin/20260305T100001Z_000001_")


def test_a_missing_landing_folder_is_not_made_up(tmp_path: Path) -> None:
    with pytest.raises(MeterhouseError, match="the landing folder does not exist"):
        consume_lines(job(tmp_path / "typo"), [], str)


def test_settings_come_from_a_file_and_the_command_line_wins(tmp_path: Path) -> None:
    file = tmp_path / "kafka.properties"
    file.write_text("# secret\n\nsasl.password = a=b\nclient.id=x\n")
    assert consume_cli.read_config(["client.id=y"], file, "k:9092") == {
        "sasl.password": "a=b",
        "client.id": "y",
        "bootstrap.servers": "k:9092",
    }


@pytest.mark.parametrize(
    ("pairs", "brokers", "said"),
    [
        (["novalue"], "k:1", "KEY=VALUE"),
        (["=x"], "k:1", "KEY=VALUE"),
        (["bootstrap.servers=a"], "k:1", "set as well"),
        ([], None, "no broker is named"),
    ],
)
def test_settings_that_cannot_be_read_are_refused(
    pairs: list[str], brokers: str | None, said: str
) -> None:
    with pytest.raises(MeterhouseError, match=said):
        consume_cli.read_config(pairs, None, brokers)


def test_what_was_done_is_said_in_one_line() -> None:
    assert consume_cli.describe(Tally(1, 1, 2, 1, 3)) == (
        "landed 1 event in 1 file; 2 files of the same content landed before;"
        " 1 tombstone or blank line; 3 messages without a believable timestamp"
    )

"""meterhouse consume against a Kafka cluster: the client's own mock, over real connections."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

import python_ext
from python_ext import bus, consume_cli, consume_kafka, landing
from python_ext.consume import Format, Job, Stop, Tally
from python_ext.errors import MeterhouseError

PARTITIONS = 4  # what the mock gives every topic
TIME_MS = 1_772_704_800_250
STAMP = "20260305T100001Z"  # TIME_MS, rounded up to a second
LIMITS = bus.Limits(events=100, bytes=1_000_000, seconds=30)
COMMAND = "import typer; from python_ext.consume_cli import consume; typer.run(consume)"
DYING = """
import os, signal, sys, typer
import {module} as victim
steps, at = 0, {at}
def dying(*arguments, _real=victim.{name}, **named):
    global steps
    steps += 1
    if steps == at and {before}:
        os.kill(os.getpid(), signal.SIGKILL)
    result = _real(*arguments, **named)
    if steps == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
victim.{name} = dying
from python_ext.consume_cli import consume
typer.run(consume)
"""


class Bus:
    """A mock cluster that lives as long as its producer does."""

    def __init__(self) -> None:
        self._producer = Producer({"test.mock.num.brokers": 2, "log_level": 0})
        found = self._producer.list_topics(timeout=5).brokers.values()
        self.brokers = ",".join(f"{broker.host}:{broker.port}" for broker in found)

    def send(
        self,
        topic: str,
        values: list[bytes | None],
        partition: int = 0,
        time_ms: int = TIME_MS,
    ) -> None:
        """Produce values to one partition, in order."""
        for value in values:
            self._producer.produce(topic, value, b"key", partition=partition, timestamp=time_ms)
        assert self._producer.flush(10) == 0


@pytest.fixture(scope="module")
def cluster() -> Bus:
    """A cluster of two brokers; each test takes a topic of its own."""
    return Bus()


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """NDJSON in files of 100 events."""
    return Job(tmp_path, Format.NDJSON, LIMITS, None)


def events(count: int, first: int = 0) -> list[bytes | None]:
    return [b'{"id":"e%d","quantity":1.50}' % number for number in range(first, first + count)]


def reading(cluster: Bus, topic: str) -> consume_kafka.Topic:
    return consume_kafka.Topic(
        name=topic,
        source=topic,
        config={"bootstrap.servers": cluster.brokers, "fetch.wait.max.ms": "20"},
        group=None,
        until_end=True,
        skip_lost=False,
        timeout=5,
    )


def consume(job: Job, what: consume_kafka.Topic) -> tuple[Tally, list[str]]:
    names: list[str] = []
    return consume_kafka.consume_topic(job, what, Stop(), names.append), names


def partition_names(folder: Path, topic: str, partition: int) -> list[str]:
    below = folder / "usage_events/consumed" / f"topic={topic}" / f"partition={partition}"
    return sorted(path.name for path in below.iterdir()) if below.is_dir() else []


def landed_files(folder: Path) -> dict[str, datetime]:
    """The files that the product accepts, in name order, and when each landed."""
    rows = landing.take_stock(folder, None, None).to_pylist()
    return {row["landed_file"]: row["stamped_at"] for row in rows}


def landed_lines(folder: Path) -> list[str]:
    """Every line that the product would read, in landing order of names."""
    return landing.read_lines(folder, list(landed_files(folder))).read_all()["raw_line"].to_pylist()


def assert_tiled(folder: Path, topic: str, partition: int, count: int) -> None:
    """The names of a partition cover 0 to count - 1, each offset once."""
    spans = [bus.parse_range(name) for name in partition_names(folder, topic, partition)]
    assert [offset for span in spans for offset in range(span.first, span.last + 1)] == list(
        range(count)
    )


def start(code: str, *options: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *options],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def wait_for(is_so: Callable[[], bool], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def share_a_topic(cluster: Bus, folder: Path) -> tuple[Tally, set[int]]:
    """Land partitions 0 to 2 until another member joins the group, then what is left to this one.

    Partition 3 only shows when reading has begun. Returns what was done and the partitions kept.
    """
    for partition in range(PARTITIONS):
        cluster.send("shared", events(100 if partition == 3 else 10), partition)
    settings = {
        "bootstrap.servers": cluster.brokers,
        "session.timeout.ms": "3500",  # a mock group takes 3 seconds to begin
        "heartbeat.interval.ms": "200",
    }
    slow = Job(folder, Format.NDJSON, replace(LIMITS, seconds=3600), None)
    member = replace(reading(cluster, "shared"), group="shared", until_end=False, config=settings)
    stop = Stop()
    with ThreadPoolExecutor() as pool:
        tally = pool.submit(consume_kafka.consume_topic, slow, member, stop, str)
        other = Consumer(settings | {"group.id": "shared", "log_level": "0"})
        try:
            wait_for(lambda: partition_names(folder, "shared", 3) != [])
            time.sleep(0.5)
            assert partition_names(folder, "shared", 0) == [], "in hand, not on disk"
            other.subscribe(["shared"])
            wait_for(lambda: other.poll(0.1) is None and other.assignment() != [])
            kept = set(range(PARTITIONS)) - {at.partition for at in other.assignment()}
            for partition in range(3):
                assert_tiled(folder, "shared", partition, 10)
                cluster.send("shared", events(100, 10), partition)
            for partition in kept - {3}:
                wait_for(lambda at=partition: len(partition_names(folder, "shared", at)) == 2)
        finally:
            stop.is_wanted = True
            other.close()
        return tally.result(10), kept


@pytest.fixture(scope="module", autouse=True)
def shared(
    cluster: Bus, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, Future[tuple[Tally, set[int]]]]]:
    """The folder and outcome of `share_a_topic`: begun first, because a group takes its time."""
    folder = tmp_path_factory.mktemp("shared")
    with ThreadPoolExecutor() as pool:
        yield folder, pool.submit(share_a_topic, cluster, folder)


def test_a_topic_lands_in_order_and_the_product_reads_it(cluster: Bus, job: Job) -> None:
    for partition in range(PARTITIONS):
        cluster.send("plain", events(250, 1000 * partition), partition)
    tally, names = consume(job, reading(cluster, "plain"))
    assert tally == Tally(events=1000, files=12)
    assert sorted(names) == list(landed_files(job.landing))
    assert partition_names(job.landing, "plain", 3) == [
        f"{0:020}-{99:020}_{STAMP}.ndjson",
        f"{100:020}-{199:020}_{STAMP}.ndjson",
        f"{200:020}-{249:020}_{STAMP}.ndjson",
    ]
    expected = [line.decode() for n in range(PARTITIONS) for line in events(250, 1000 * n) if line]
    assert landed_lines(job.landing) == expected
    assert set(landed_files(job.landing).values()) == {datetime(2026, 3, 5, 10, 0, 1)}


def test_a_second_run_lands_what_came_since(cluster: Bus, job: Job) -> None:
    cluster.send("again", events(30))
    consume(job, reading(cluster, "again"))
    assert consume(job, reading(cluster, "again"))[0] == Tally()
    cluster.send("again", events(30, 30), time_ms=TIME_MS - 86_400_000)
    consume(job, reading(cluster, "again"))
    assert_tiled(job.landing, "again", 0, 60)
    stamps = [bus.parse_range(name).stamp for name in partition_names(job.landing, "again", 0)]
    assert stamps[0] == stamps[1], "a stamp never goes back"


def test_the_disk_is_believed_and_not_the_committed_offset(cluster: Bus, job: Job) -> None:
    cluster.send("lag", events(10))
    consume(job, reading(cluster, "lag"))
    watcher = Consumer({"bootstrap.servers": cluster.brokers, "group.id": "meterhouse"})
    committed = watcher.committed([TopicPartition("lag", 0)], timeout=5)[0].offset
    watcher.close()
    assert committed == 10, "tools that show lag see it"
    elsewhere = replace(job, landing=job.landing / "elsewhere")
    elsewhere.landing.mkdir()
    assert consume(elsewhere, reading(cluster, "lag"))[0].events == 10


def test_tombstones_newlines_and_foreign_bytes(cluster: Bus, job: Job) -> None:
    cluster.send(
        "odd",
        [
            None,
            b'{"id": "a",\n "quantity": 1.10}\n',
            b'{"id": "b\nc"}',
            b'{"id":"\xff"}',
            b" ",
            None,
        ],
    )
    tally, names = consume(job, reading(cluster, "odd"))
    assert (tally.events, tally.blank) == (3, 3)
    assert names == [f"usage_events/consumed/topic=odd/partition=0/{0:020}-{5:020}_{STAMP}.ndjson"]
    assert (job.landing / names[0]).read_bytes().split(b"\n") == [
        b'{"id": "a",  "quantity": 1.10}',
        b'{"id": "b \\x0ac"}',
        b'{"id":"\xff"}',
        b"",
    ]
    assert len(landed_lines(job.landing)) == 3


def test_only_tombstones_land_no_file(cluster: Bus, job: Job) -> None:
    cluster.send("dead", [None, None])
    assert consume(job, reading(cluster, "dead"))[0] == Tally(blank=2)


def test_gzip_is_the_same_bytes_at_each_try(cluster: Bus, job: Job) -> None:
    cluster.send("packed", events(5))
    contents = []
    for name in ("one", "two"):
        (job.landing / name).mkdir()
        packed = replace(job, landing=job.landing / name, file_format=Format.NDJSON_GZ)
        landed = consume(packed, reading(cluster, "packed"))[1]
        contents.append((packed.landing / landed[0]).read_bytes())
        assert landed_lines(packed.landing)[0] == '{"id":"e0","quantity":1.50}'
    assert contents[0] == contents[1]


def test_parquet_holds_plain_events_and_the_rest_lands_beside_them(cluster: Bus, job: Job) -> None:
    plain = b'{"id":"a","quantity":1.50,"metadata":{"n": 1.0}}'
    cluster.send("rows", [plain, b"no json", b'{"specversion":"1.0","id":"c"}', plain])
    parquet = replace(job, file_format=Format.PARQUET, limits=replace(LIMITS, events=3))
    consume(parquet, reading(cluster, "rows"))
    names = list(landed_files(job.landing))
    both = f"{0:020}-{2:020}_{STAMP}"
    assert [Path(name).name for name in names] == [
        f"{both}.ndjson",
        f"{both}.parquet",
        f"{3:020}-{3:020}_{STAMP}.parquet",
    ]
    row = dict.fromkeys(bus.COLUMNS) | {"id": "a", "quantity": "1.50", "metadata": '{"n": 1.0}'}
    assert pq.read_table(job.landing / names[1]).to_pylist() == [row]
    assert (job.landing / names[0]).read_bytes() == b'no json\n{"specversion":"1.0","id":"c"}\n'
    assert consume(parquet, reading(cluster, "rows"))[0] == Tally()


@pytest.mark.parametrize(
    ("module", "call", "is_before"),
    [
        ("os", "fsync 7", True),  # half written
        ("pathlib", "Path.rename 3", True),  # written, not in place
        ("pathlib", "Path.rename 3", False),  # in place, neither synced nor committed
        ("python_ext.bus", "one_line 130", True),  # between files
    ],
)
def test_killed_anywhere_each_offset_lands_once(
    cluster: Bus, tmp_path: Path, module: str, call: str, is_before: bool
) -> None:
    name, at = call.split()
    topic = f"killed-{name}-{is_before}"
    cluster.send(topic, events(150), 0)
    cluster.send(topic, events(90, 150), 1)
    options = ("--topic", topic, "--brokers", cluster.brokers, "--landing", str(tmp_path))
    options += ("--max-events", "40", "--until-end")
    dying = DYING.format(module=module, name=name, at=at, before=is_before)
    assert start(dying, *options).wait(20) == -signal.SIGKILL
    before = [*tmp_path.glob("usage_events/**/*.ndjson")]
    assert before, "killed in the middle, not before anything landed"
    consume(Job(tmp_path, Format.NDJSON, LIMITS, None), reading(cluster, topic))
    assert_tiled(tmp_path, topic, 0, 150)
    assert_tiled(tmp_path, topic, 1, 90)
    assert landed_lines(tmp_path) == [line.decode() for line in events(240) if line]
    assert [path.name for path in (tmp_path / ".consume" / f"topic={topic}").iterdir()] == ["lock"]


def test_killed_while_messages_keep_coming(cluster: Bus, tmp_path: Path) -> None:
    options = ("--topic", "stream", "--brokers", cluster.brokers, "--landing", str(tmp_path))
    options += ("--max-seconds", "0.2", "--max-events", "25")
    cluster.send("stream", events(60))
    sent = 60
    for round_number in range(2):
        running = start(COMMAND, *options)
        files = len(partition_names(tmp_path, "stream", 0))
        wait_for(lambda seen=files: len(partition_names(tmp_path, "stream", 0)) > seen)
        cluster.send("stream", events(40, sent))
        sent += 40
        time.sleep(0.05 * round_number)
        running.kill()
        running.wait(5)
    last = start(COMMAND, *options)
    wait_for(lambda: len(landed_lines(tmp_path)) == sent)
    cluster.send("stream", events(7, sent))
    time.sleep(0.5)
    last.send_signal(signal.SIGTERM)
    out, said = last.communicate(timeout=5)
    assert last.returncode == 0, said
    assert_tiled(tmp_path, "stream", 0, sent + 7)
    assert landed_lines(tmp_path) == [line.decode() for line in events(sent + 7) if line]
    assert "usage_events/consumed/topic=stream/partition=0/" in out
    assert "landed" in said


def test_sigint_lands_what_is_in_hand(cluster: Bus, tmp_path: Path) -> None:
    cluster.send("hand", events(3), 0)
    cluster.send("hand", events(100, 3), 1)
    running = start(
        COMMAND,
        *("--topic", "hand", "--brokers", cluster.brokers, "--landing", str(tmp_path)),
        *("--max-events", "100", "--max-seconds", "3600"),
    )
    wait_for(lambda: partition_names(tmp_path, "hand", 1) != [])
    time.sleep(0.5)
    assert partition_names(tmp_path, "hand", 0) == [], "three messages are no full file yet"
    running.send_signal(signal.SIGINT)
    assert running.wait(5) == 0
    assert_tiled(tmp_path, "hand", 0, 3)


def test_two_consumers_do_not_land_one_topic(cluster: Bus, job: Job) -> None:
    cluster.send("twice", events(1))
    with (
        consume_kafka.Shelf(job.landing, bus.topic_folder("twice"), Format.NDJSON),
        pytest.raises(MeterhouseError, match="another process is landing into"),
    ):
        consume(job, reading(cluster, "twice"))
    assert consume(job, reading(cluster, "twice"))[0].events == 1


def test_what_the_brokers_do_not_have_is_said(cluster: Bus, job: Job) -> None:
    with pytest.raises(MeterhouseError, match="know no such topic"):
        consume(job, reading(cluster, "nowhere"))


def test_a_topic_made_anew_is_not_taken_for_the_old_one(cluster: Bus, job: Job) -> None:
    cluster.send("anew", events(3))
    below = job.landing / "usage_events/consumed/topic=anew/partition=0"
    below.mkdir(parents=True)
    (below / f"{0:020}-{99:020}_{STAMP}.ndjson").write_bytes(b"{}\n" * 100)
    with pytest.raises(MeterhouseError, match="another topic of the same name"):
        consume(job, reading(cluster, "anew"))
    assert consume(job, replace(reading(cluster, "anew"), source="anew-2"))[0].events == 3


def test_unreachable_brokers_are_said(job: Job, cluster: Bus) -> None:
    nowhere = replace(
        reading(cluster, "t"), config={"bootstrap.servers": "127.0.0.1:1"}, timeout=0.5
    )
    with pytest.raises(MeterhouseError, match=r"127\.0\.0\.1:1: no broker can be reached"):
        consume(job, nowhere)


def test_brokers_that_go_away_do_not_keep_it_from_ending(tmp_path: Path) -> None:
    going = Bus()
    going.send("gone", events(3))
    running = start(
        COMMAND, "--topic", "gone", "--brokers", going.brokers, "--landing", str(tmp_path)
    )
    wait_for((tmp_path / ".consume/topic=gone/lock").exists)
    time.sleep(0.7)
    del going
    time.sleep(0.5)
    running.send_signal(signal.SIGTERM)
    assert running.wait(5) == 0
    assert_tiled(tmp_path, "gone", 0, 3)


def test_refused_credentials_are_said_without_waiting(job: Job, cluster: Bus) -> None:
    config = {
        "bootstrap.servers": cluster.brokers,
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": "a",
        "sasl.password": "b",
    }
    started = time.monotonic()
    with pytest.raises(MeterhouseError, match="do not agree on who it is"):
        consume(job, replace(reading(cluster, "t"), config=config, timeout=60))
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("key", "said"),
    [("no.such.key", "does not take a setting"), ("enable.auto.commit", "sets this itself")],
)
def test_settings_that_cannot_be_are_said(job: Job, cluster: Bus, key: str, said: str) -> None:
    config = {"bootstrap.servers": cluster.brokers, key: "true"}
    with pytest.raises(MeterhouseError, match=said):
        consume(job, replace(reading(cluster, "t"), config=config))


def test_a_time_from_the_future_is_no_stamp(cluster: Bus, job: Job) -> None:
    cluster.send("ahead", events(1), time_ms=TIME_MS * 1000)
    with pytest.raises(MeterhouseError, match="no message carries a timestamp that can be one"):
        consume(job, reading(cluster, "ahead"))
    cluster.send("ahead", events(1))
    tally, names = consume(job, reading(cluster, "ahead"))
    assert tally.unbelieved_times == 1
    assert names[0].endswith(f"{STAMP}.ndjson")
    given = replace(job, landed_at=datetime(2026, 1, 1, tzinfo=UTC))
    cluster.send("ahead-too", events(1), time_ms=TIME_MS * 1000)
    assert consume(given, reading(cluster, "ahead-too"))[1][0].endswith("20260101T000000Z.ndjson")


def test_an_end_behind_the_last_message_is_an_end(
    cluster: Bus, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a transaction's own records, which no consumer is given, are the last ones."""
    real = consume_kafka._Open
    monkeypatch.setattr(
        consume_kafka, "_Open", lambda end, *rest, **named: real(end + 3, *rest, **named)
    )
    cluster.send("hidden-end", events(5))
    assert consume(job, reading(cluster, "hidden-end"))[0].events == 5


def test_partitions_that_are_added_are_taken_on(
    cluster: Bus, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = consume_kafka._Reader._partitions
    answers = [[0]]
    monkeypatch.setattr(
        consume_kafka._Reader,
        "_partitions",
        lambda self, _timeout: answers.pop() if answers else real(self, 5),
    )
    monkeypatch.setattr(consume_kafka, "REFRESH_SECONDS", 0)
    for partition in range(PARTITIONS):
        cluster.send("grown", events(5), partition)
    assert consume(job, reading(cluster, "grown"))[0].events == 20
    for partition in range(PARTITIONS):
        assert_tiled(job.landing, "grown", partition, 5)


def test_without_the_client_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    monkeypatch.delitem(sys.modules, "python_ext.consume_kafka")
    monkeypatch.delattr(python_ext, "consume_kafka")
    with pytest.raises(MeterhouseError, match=r"pip install 'meterhouse\[kafka\]'"):
        consume_cli.consume(topic="t", brokers="k:1", landing=tmp_path)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "no broker is named"),
        ({"brokers": "k:1"}, "nothing is named to read from"),
        ({"from_stdin": True, "topic": "t"}, "standard input has no topic"),
        ({"from_stdin": True, "landed_at": "2026-03-05"}, "reads YYYYMMDDTHHMMSSZ"),
        ({"brokers": "k:1", "topic": "^t"}, "a topic is named with"),
    ],
)
def test_options_that_do_not_go_together_are_said(
    tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(MeterhouseError, match=said):
        consume_cli.consume(landing=tmp_path, **options)


def pipe(content: bytes, folder: Path, *options: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "--from-stdin", "--landing", str(folder), *options],
        input=content,
        capture_output=True,
        cwd=Path(__file__).parents[2],
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_the_same_input_lands_once(tmp_path: Path) -> None:
    content = b"".join(line + b"\n" for line in events(25) if line)
    options = ("--max-events", "10", "--landed-at", "20260305T100000Z")
    code, out, said = pipe(content, tmp_path, *options)
    assert (code, said) == (0, "landed 25 events in 3 files\n")
    assert len(out.splitlines()) == 3
    assert pipe(content, tmp_path, *options)[1:] == (
        "",
        "landed 0 events in 0 files; 3 files of the same content landed before\n",
    )
    more = content + b'{"id":"new"}\r\n\n'
    assert pipe(more[:-3], tmp_path, "--max-events", "25")[2].startswith("landed 26 events")
    assert landed_lines(tmp_path)[:25] == [line.decode() for line in events(25) if line]
    stamps = list(landed_files(tmp_path).values())
    assert stamps == [datetime(2026, 3, 5, 10)] * 3 + [datetime(2026, 3, 5, 10, 0, 1)] * 2


def test_a_pipe_that_is_stopped_lands_what_is_in_hand(tmp_path: Path) -> None:
    running = start(
        COMMAND,
        *("--from-stdin", "--landing", str(tmp_path), "--landed-at", "20260305T100000Z"),
        stdin=subprocess.PIPE,
    )
    assert running.stdin is not None
    running.stdin.write('{"id":"a"}\n{"id":"b"}\n{"id":"ha')
    running.stdin.flush()
    wait_for((tmp_path / ".consume/stdin/lock").exists)
    time.sleep(0.3)
    running.send_signal(signal.SIGTERM)
    assert running.wait(5) == 0
    assert landed_lines(tmp_path) == ['{"id":"a"}', '{"id":"b"}']


def test_a_rebalance_lands_what_is_in_hand_and_goes_on_from_disk(
    shared: tuple[Path, Future[tuple[Tally, set[int]]]],
) -> None:
    folder, outcome = shared
    tally, kept = outcome.result(300)
    assert 0 < len(kept) < PARTITIONS
    for partition in range(3):
        assert_tiled(folder, "shared", partition, 110 if partition in kept else 10)
    assert tally.events == 130 + 100 * len(kept - {3})

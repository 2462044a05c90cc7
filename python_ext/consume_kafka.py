"""Reading a Kafka topic into the landing folder.

Where to start is read from the names on disk whenever a partition is taken on, and a batch is on
disk before its offsets are committed. So the commit only serves tools that show lag, and a process
killed at any point lands each offset once. Needs the extra `kafka`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from time import monotonic

from confluent_kafka import (
    OFFSET_BEGINNING,
    TIMESTAMP_NOT_AVAILABLE,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from python_ext import bus
from python_ext.consume import TICK_SECONDS, Job, Shelf, Stop, Tally
from python_ext.errors import MeterhouseError

DEFAULT_GROUP = "meterhouse"
DEFAULTS = {
    "log_level": "0",  # what it would log comes through error_cb
    "queued.max.messages.kbytes": "16384",  # of each partition; the library's own 64 MB add up
}
OWN = {
    "auto.offset.reset": "error",  # a lost range is said, not skipped
    "enable.auto.commit": "false",
    "enable.auto.offset.store": "false",
    "enable.partition.eof": "true",
    "group.protocol": "classic",
    "partition.assignment.strategy": "range,roundrobin",
}
"""Settings that landing once depends on; they are not for the user to set."""

REFRESH_SECONDS = 60.0
FETCH_COUNT = 1000
FUTURE = timedelta(days=1)
"""How far a message's time may be ahead of this machine's clock and still be believed."""

UNREACHABLE = {
    KafkaError._TRANSPORT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._TIMED_OUT,
    KafkaError._RESOLVE,
}
REFUSED = {
    KafkaError._AUTHENTICATION,
    KafkaError._SSL,
    KafkaError.SASL_AUTHENTICATION_FAILED,
}
FORBIDDEN = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
}
UNKNOWN = {KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC}
PASSING = UNREACHABLE | {KafkaError._MAX_POLL_EXCEEDED}
"""What the client recovers from by itself."""


@dataclass(frozen=True)
class Topic:
    """What to read. `config` is in librdkafka's words; `timeout` is in seconds.

    `source` names the topic in the landing folder. Without a `group` all partitions are read.
    """

    name: str
    source: str
    config: Mapping[str, str]
    group: str | None
    until_end: bool
    skip_lost: bool
    timeout: float


@dataclass
class _Open:
    """A partition that is being read: what is in hand, and how far it goes."""

    end: int  # the offset after the last one when it was taken on
    landed: bus.Landed
    is_done: bool
    last: int  # the offset of the newest message in hand, else of the one before the start
    records: list[bus.Record] = field(default_factory=list)
    event_count: int = 0
    byte_count: int = 0
    since: float = 0.0


def consume_topic(job: Job, topic: Topic, stop: Stop, report: Callable[[str], object]) -> Tally:
    """Land a topic's messages until a stop is wanted or, with `until_end`, all ends are reached.

    `report` is told the name of each landed file. Raises MeterhouseError for brokers that cannot be
    reached or refuse, for a topic that is not there, and for messages that are gone.
    """
    with Shelf(job.landing, bus.topic_folder(topic.source), job.file_format) as shelf:
        reader = _Reader(job, topic, shelf, report)
        try:
            reader.read(stop)
        except KafkaException as error:
            raise reader.explain(error.args[0]) from error
        finally:
            reader.close()
        return reader.tally


class _Reader:
    def __init__(
        self, job: Job, topic: Topic, shelf: Shelf, report: Callable[[str], object]
    ) -> None:
        self._job = job
        self._topic = topic
        self._shelf = shelf
        self._report = report
        self._open: dict[int, _Open] = {}
        self._is_assigned = False
        self._trouble: KafkaError | None = None
        self._heard_at = monotonic()
        self.tally = Tally()
        taken = sorted(topic.config.keys() & (OWN.keys() | {"group.id"}))
        if taken:
            raise MeterhouseError(
                f"--config {taken[0]}",
                "the consumer sets this itself, so that each message lands once",
                "leave it out; the group is named with --group",
            )
        settings = {**DEFAULTS, **topic.config, **OWN, "group.id": topic.group or DEFAULT_GROUP}
        try:
            self._consumer = Consumer({**settings, "error_cb": self._on_error})
        except KafkaException as error:
            raise MeterhouseError(
                "--config",
                f"the Kafka client does not take a setting: {error.args[0].str()}",
                "see CONFIGURATION.md of librdkafka for names and values",
            ) from error

    def read(self, stop: Stop) -> None:
        """Read and land until there is a reason to end; what is in hand is landed then."""
        numbers = self._partitions(self._topic.timeout)
        if self._topic.group:
            self._consumer.subscribe(
                [self._topic.name], on_assign=self._on_assign, on_revoke=self._on_revoke
            )
        else:
            self._take_on(numbers)
        refreshed_at = monotonic()
        while not stop.is_wanted and not self._is_at_end():
            for message in self._consumer.consume(FETCH_COUNT, TICK_SECONDS):
                self._take(message)
            self._face_trouble()
            for number, partition in self._open.items():
                age = monotonic() - partition.since
                if bus.is_full(partition.event_count, partition.byte_count, age, self._job.limits):
                    self._land(number)
            if not self._topic.group and monotonic() - refreshed_at > REFRESH_SECONDS:
                refreshed_at = monotonic()
                self._take_on_new()
        self._land_all()

    def close(self) -> None:
        """Leave the group, if in one. After an error nothing more is landed: it is read again."""
        self._open.clear()
        self._consumer.close()

    def _partitions(self, timeout: float) -> list[int]:
        """The topic's partitions, once a broker answers; a refusal is not waited out."""
        until = monotonic() + timeout
        while True:
            try:
                found = self._consumer.list_topics(
                    self._topic.name, timeout=max(0.1, min(0.5, until - monotonic()))
                ).topics[self._topic.name]
            except KafkaException as error:
                self._consumer.poll(0)  # hands over what error_cb is to be told
                self._face_trouble()
                if monotonic() >= until or error.args[0].code() not in UNREACHABLE:
                    raise self.explain(self._trouble or error.args[0]) from error
                continue
            if found.error is not None and found.error.code() != KafkaError.LEADER_NOT_AVAILABLE:
                raise self.explain(found.error)
            if found.partitions:
                self._trouble = None
                return sorted(found.partitions)
            if monotonic() >= until:
                raise self.explain(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))

    def _take_on(self, numbers: list[int]) -> None:
        """Start to read partitions where what is on disk ends, whatever the group committed."""
        starts = []
        for number in numbers:
            at = TopicPartition(self._topic.name, number)
            low, high = self._consumer.get_watermark_offsets(at, timeout=self._topic.timeout)
            landed = bus.landed_so_far(self._shelf.names(f"partition={number}"))
            place = f"{self._topic.name}/{number}"
            start = bus.resume_at(place, landed, low, high, self._topic.skip_lost)
            # the beginning may move on until the first fetch
            at.offset = OFFSET_BEGINNING if landed.last is None else start
            starts.append(at)
            self._open[number] = _Open(high, landed, start >= high, last=start - 1)
        self._consumer.assign(starts)
        self._is_assigned = True

    def _take_on_new(self) -> None:
        """Take on partitions that were added to the topic since."""
        try:
            numbers = self._partitions(0.1)
        except MeterhouseError:
            return  # brokers that do not answer now are asked again
        if set(numbers) - self._open.keys():
            self._land_all()
            self._take_on(numbers)

    def _on_assign(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._take_on([partition.partition for partition in partitions])

    def _on_revoke(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        for partition in partitions:
            if partition.partition in self._open:
                self._land(partition.partition)
                del self._open[partition.partition]

    def _on_error(self, error: KafkaError) -> None:
        if self._trouble is None or self._trouble.code() not in REFUSED:
            self._trouble = error

    def _face_trouble(self) -> None:
        """Give up where waiting does not help, and at a dead bus if there is an end to reach."""
        error = self._trouble
        if error is None:
            return
        silence = monotonic() - self._heard_at
        is_too_long = self._topic.until_end and silence > self._topic.timeout
        if error.fatal() or error.code() in REFUSED or is_too_long:
            raise self.explain(error)

    def _is_at_end(self) -> bool:
        return (
            self._topic.until_end
            and self._is_assigned
            and all(partition.is_done for partition in self._open.values())
        )

    def _take(self, message: Message) -> None:
        self._heard_at = monotonic()
        self._trouble = None
        number, offset, error = message.partition(), message.offset(), message.error()
        partition = self._open.get(number if number is not None else -1)
        if error is not None:
            if error.code() == KafkaError._PARTITION_EOF:
                if partition:
                    partition.is_done = True
            elif error.code() not in PASSING and not error.retriable():
                raise self.explain(error)
            return
        # a rebalance may hand over what was fetched before it, for partitions let go or read anew
        if partition is None or number is None or offset is None or offset <= partition.last:
            return
        kind, time_ms = message.timestamp()
        value = message.value()
        if not partition.records:
            partition.since = monotonic()
        partition.records.append(
            bus.Record(offset, None if kind == TIMESTAMP_NOT_AVAILABLE else time_ms, value)
        )
        partition.last = offset
        partition.event_count += 1
        partition.byte_count += len(value or b"")
        partition.is_done = partition.is_done or offset + 1 >= partition.end
        if bus.is_full(partition.event_count, partition.byte_count, 0, self._job.limits):
            self._land(number)

    def _land_all(self) -> None:
        for number in self._open:
            self._land(number)

    def _land(self, number: int) -> None:
        """Land what is in hand of a partition, then commit it. Tombstones alone make no file."""
        partition = self._open[number]
        records = partition.records
        partition.records, partition.event_count, partition.byte_count = [], 0, 0
        lines = [line for record in records if (line := bus.one_line(record.value)) is not None]
        if lines:
            stamp = self._stamp(number, records, partition.landed.stamp)
            span = bus.Span(records[0].offset, records[-1].offset, stamp)
            staged = self._shelf.stage(bus.range_name(span), lines)
            self._report(self._shelf.publish(staged, f"partition={number}"))
            partition.landed = bus.Landed(span.last, stamp)
        if records:
            self.tally = replace(
                self.tally,
                events=self.tally.events + len(lines),
                files=self.tally.files + bool(lines),
                blank=self.tally.blank + len(records) - len(lines),
            )
            self._commit(TopicPartition(self._topic.name, number, records[-1].offset + 1))

    def _stamp(self, number: int, records: list[bus.Record], previous: datetime | None) -> datetime:
        not_after = datetime.now(UTC) + FUTURE  # what is written never comes from this clock
        times = [record.time_ms for record in records]
        stamp = bus.batch_stamp(times, previous, not_after) or self._job.landed_at
        if stamp is None:
            raise MeterhouseError(
                f"{self._topic.name}/{number}, offset {records[0].offset}",
                "no message carries a timestamp that can be one: from 2000 until a day after this"
                f" machine's clock, {not_after - FUTURE:%Y-%m-%dT%H:%M:%SZ}",
                "say when they landed with --landed-at, or let the brokers set the time:"
                " message.timestamp.type=LogAppendTime",
            )
        self.tally = replace(
            self.tally,
            unbelieved_times=self.tally.unbelieved_times
            + sum(not bus.is_time(time, not_after) for time in times),
        )
        return stamp

    def _commit(self, done: TopicPartition) -> None:
        """A courtesy to tools that show lag; nothing here reads it, so a failure stops nothing.

        Brokers that are gone are not asked: the client would not end before they answer.
        """
        if self._trouble is not None:
            return
        try:
            self._consumer.commit(offsets=[done], asynchronous=True)
        except KafkaException as error:
            if error.args[0].fatal():
                raise self.explain(error.args[0]) from error

    def explain(self, error: KafkaError) -> MeterhouseError:
        """What a Kafka error means to the person who started the consumer."""
        brokers = self._topic.config.get("bootstrap.servers", "--brokers")
        code, said = error.code(), error.str()
        if code in REFUSED:
            return MeterhouseError(
                brokers,
                f"the brokers and this client do not agree on who it is ({said})",
                "check security.protocol, the sasl. and the ssl. settings in --config-file",
            )
        if code in UNREACHABLE:
            return MeterhouseError(
                brokers,
                f"no broker can be reached ({said})",
                "check --brokers and the network; --timeout says how many seconds to wait",
            )
        if code in UNKNOWN:
            return MeterhouseError(
                self._topic.name,
                f"the brokers at {brokers} know no such topic",
                "name one that exists with --topic, or create it",
            )
        if code in FORBIDDEN:
            return MeterhouseError(
                self._topic.name,
                f"this user may not read it ({said})",
                "grant Read and Describe on the topic and, with --group, Read on the group",
            )
        if code == KafkaError._AUTO_OFFSET_RESET:
            return MeterhouseError(
                self._topic.name,
                f"messages were deleted by the broker before they were landed ({said})",
                "start again to see which; let the topic keep messages longer",
            )
        return MeterhouseError(
            self._topic.name,
            f"the Kafka client gave up: {error.name()} ({said})",
            "start again, which goes on after the last landed offset; if it comes back, look at"
            " the brokers",
        )

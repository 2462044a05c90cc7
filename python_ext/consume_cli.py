"""meterhouse consume: its options, checked and handed on."""

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from python_ext import bus
from python_ext.consume import Format, Job, Stop, Tally, consume_lines, read_lines
from python_ext.errors import MeterhouseError
from python_ext.settings import from_environment


def consume(
    *,
    topic: Annotated[
        str | None, typer.Option(help="The topic to read.", show_default=False)
    ] = None,
    brokers: Annotated[
        str | None, typer.Option(help="HOST:PORT, and more after commas.", show_default=False)
    ] = None,
    from_stdin: Annotated[
        bool, typer.Option("--from-stdin", help="Read standard input, one event a line.")
    ] = False,
    landing: Annotated[
        Path | None, typer.Option(help="The landing folder.", show_default="METERHOUSE_LANDING")
    ] = None,
    file_format: Annotated[
        Format, typer.Option("--format", help="How files are written.")
    ] = Format.NDJSON,
    until_end: Annotated[
        bool, typer.Option("--until-end", help="Stop where the topic ends now.")
    ] = False,
    max_events: Annotated[int, typer.Option(min=1, help="Events in a file, at most.")] = 10_000,
    max_bytes: Annotated[
        int, typer.Option(min=1, help="A file is cut when its events reach this size.")
    ] = 16 * 1024 * 1024,
    max_seconds: Annotated[
        float, typer.Option(min=0.1, help="A file of a topic is cut at this age.")
    ] = 60.0,
    config: Annotated[
        list[str] | None,
        typer.Option(help="KEY=VALUE for the Kafka client; repeatable.", show_default=False),
    ] = None,
    config_file: Annotated[
        Path | None,
        typer.Option(help="Such settings, one a line; for passwords.", show_default=False),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(help="Join this consumer group; else all is read.", show_default=False),
    ] = None,
    landed_at: Annotated[
        str | None,
        typer.Option(help="Stamp for what carries no time: YYYYMMDDTHHMMSSZ.", show_default=False),
    ] = None,
    land_as: Annotated[
        str | None,
        typer.Option(help="Name of the topic in the landing folder.", show_default="the topic"),
    ] = None,
    skip_lost: Annotated[
        bool, typer.Option("--skip-lost", help="Go on where the broker deleted messages.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds to wait for brokers to answer.")
    ] = 30.0,
) -> None:
    """Land usage events from a Kafka topic or from standard input, each of them once."""
    job = Job(
        landing or from_environment(os.environ).landing,
        file_format,
        bus.Limits(max_events, max_bytes, max_seconds),
        _stamp(landed_at),
    )
    stop = Stop()
    with stop.on_signals():
        if from_stdin:
            if topic or brokers or config or config_file or group or land_as:
                raise MeterhouseError(
                    "--from-stdin",
                    "standard input has no topic, brokers or settings of theirs",
                    "leave them out, or leave --from-stdin out",
                )
            tally = consume_lines(job, read_lines(sys.stdin.fileno(), stop), typer.echo)
        else:
            settings = read_config(config or [], config_file, brokers)
            if not topic:
                raise MeterhouseError(
                    "--topic", "nothing is named to read from", "name a topic, or --from-stdin"
                )
            try:
                from python_ext import consume_kafka  # its client is an extra
            except ImportError as error:
                raise MeterhouseError(
                    "confluent_kafka",
                    f"the Kafka client cannot be loaded ({error})",
                    "install it: pip install 'meterhouse[kafka]'",
                ) from error
            what = consume_kafka.Topic(
                topic, land_as or topic, settings, group, until_end, skip_lost, timeout
            )
            tally = consume_kafka.consume_topic(job, what, stop, typer.echo)
    typer.echo(describe(tally), err=True)


def read_config(pairs: list[str], file: Path | None, brokers: str | None) -> dict[str, str]:
    """Settings of the Kafka client: those of a file, then those of the command line.

    In the file blank lines and lines that begin with # are passed over. Raises MeterhouseError for
    what is not KEY=VALUE and for brokers that are missing or named twice.
    """
    settings: dict[str, str] = {}
    numbered: list[tuple[str, str]] = [("--config", pair) for pair in pairs]
    if file is not None:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
        numbered = [
            (f"{file}, line {number}", line)
            for number, line in enumerate(lines, 1)
            if line and not line.startswith("#")
        ] + numbered
    for place, pair in numbered:
        key, is_pair, value = pair.partition("=")
        if not is_pair or not key.strip():
            raise MeterhouseError(
                place, "a setting reads KEY=VALUE", "for example security.protocol=SASL_SSL"
            )
        settings[key.strip()] = value.strip()
    if brokers and "bootstrap.servers" in settings:
        raise MeterhouseError(
            "--brokers", "bootstrap.servers is set as well", "name the brokers once"
        )
    settings |= {"bootstrap.servers": brokers} if brokers else {}
    if not settings.get("bootstrap.servers"):
        raise MeterhouseError(
            "--brokers", "no broker is named", "for example --brokers kafka-1:9092,kafka-2:9092"
        )
    return settings


def describe(tally: Tally) -> str:
    """What was done, in one line."""
    parts = [f"landed {_count(tally.events, 'event')} in {_count(tally.files, 'file')}"]
    if tally.known_files:
        parts.append(f"{_count(tally.known_files, 'file')} of the same content landed before")
    if tally.blank:
        parts.append(
            f"{_count(tally.blank, 'tombstone or blank line', 'tombstones or blank lines')}"
        )
    if tally.unbelieved_times:
        parts.append(f"{_count(tally.unbelieved_times, 'message')} without a believable timestamp")
    return "; ".join(parts)


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _stamp(text: str | None) -> datetime | None:
    if text is None:
        return None
    stamp = bus.parse_stamp(text)
    if stamp is None:
        raise MeterhouseError(
            "--landed-at",
            f"a landing stamp reads YYYYMMDDTHHMMSSZ, found {text}",
            "for example 20260305T100000Z",
        )
    return stamp

"""Faults of what lands: producers that fail, statements that are wrong, files that were changed."""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from pathlib import Path

from tests.mutation import landed
from tests.mutation.faults import Fault, Workplace
from tests.mutation.landed import Line, Row, body_of, tenant_of

DAY = date(2026, 2, 18)
"""A Wednesday of the second step, on which most faults of one day happen."""
LAST_DAY = date(2026, 2, 28)
MONTH = "2026-02"
TENANT = "acme-robotics"
AFTER_ALL = "landed=20260302T080000Z"
"""A batch that lands after all others."""

Change = Callable[[Line], Line | None]


def on(first: date, last: date, change: Change) -> Callable[[Workplace], None]:
    """Change the events of some days, both inclusive."""
    return lambda place: landed.change_events(
        landed.event_files(place.landing, first, last), change
    )


def of_tenant(tenant_id: str, change: Change) -> Change:
    """Change the events of one tenant only."""
    return lambda line: change(line) if tenant_of(line) == tenant_id else line


def of_type(event_type: str, change: Change) -> Change:
    """Change the events of one type only."""
    return lambda line: change(line) if line["type"] == event_type else line


def dropped(_: Line) -> None:
    """The event is lost."""


def renamed(tenant_id: str) -> Change:
    """Whose event it is is called otherwise."""

    def change(line: Line) -> Line:
        return line | {"subject" if "specversion" in line else "tenant_id": tenant_id}

    return change


def without_tenant(line: Line) -> Line:
    """Nobody says whose event it is."""
    return {key: value for key, value in line.items() if key not in ("tenant_id", "subject")}


def timed(change: Callable[[str], str]) -> Change:
    """The instant of an event is written otherwise."""

    def changed(line: Line) -> Line:
        key = "time" if "specversion" in line else "timestamp"
        return line | {key: change(line[key])}

    return changed


def shifted(hours: int) -> Callable[[str], str]:
    """An instant that is so many hours later, in the same words."""

    def change(text: str) -> str:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00")) + timedelta(hours=hours)
        written = moment.isoformat(timespec="milliseconds")
        return written.replace("+00:00", "Z") if text.endswith("Z") else written

    return change


def counted(change: Callable[[Decimal], Decimal]) -> Change:
    """The quantity of an event is another one."""

    def changed(line: Line) -> Line:
        quantity = change(Decimal(str(body_of(line)["quantity"])))
        body_of(line)["quantity"] = f"{quantity:f}"
        return line

    return changed


def tagged(**tags: object) -> Change:
    """The metadata of an event say something else; None takes a key away."""

    def changed(line: Line) -> Line:
        metadata = body_of(line)["metadata"]
        kept = {key: value for key, value in metadata.items() if key not in tags}
        added = {key: value for key, value in tags.items() if value is not None}
        body_of(line)["metadata"] = kept | added
        return line

    return changed


def bytes_as(write: Callable[[int], object]) -> Change:
    """The size that an event states is written otherwise."""

    def changed(line: Line) -> Line:
        metadata = body_of(line)["metadata"]
        if "bytes" in metadata:
            metadata["bytes"] = write(metadata["bytes"])
        return line

    return changed


def categorised(category: str) -> Change:
    """The event is of another category."""

    def changed(line: Line) -> Line:
        body_of(line)["category"] = category
        return line

    return changed


def events_of(place: Workplace, day: date) -> Path:
    """The file of a day's native events."""
    return landed.batch(place.landing, day) / "events.ndjson.gz"


def a_file_is_lost(place: Workplace) -> None:
    """The native events of a day never land."""
    events_of(place, DAY).unlink()


def a_producer_stops(place: Workplace) -> None:
    """The connectors write nothing more."""
    for path in landed.event_files(place.landing, DAY, LAST_DAY):
        if path.name.startswith("connectors"):
            path.unlink()


def everything_stops(place: Workplace) -> None:
    """No usage lands for four days, while decisions still do."""
    for path in landed.event_files(place.landing, LAST_DAY - timedelta(days=3), LAST_DAY):
        path.unlink()
    [decisions] = place.landing.glob("policy_decisions/*/standing.ndjson")
    landed.write_bytes(
        place.landing / "policy_decisions" / AFTER_ALL / "again.ndjson", decisions.read_bytes()
    )


def a_batch_comes_twice(place: Workplace) -> None:
    """A file lands again two days later, as it was."""
    path = events_of(place, DAY)
    again = landed.batch(place.landing, DAY + timedelta(days=2)) / "again.ndjson.gz"
    landed.write_bytes(again, landed.read_bytes(path))


def a_batch_comes_twice_under_other_ids(place: Workplace) -> None:
    """A producer sends a day's events again, and makes up new ids."""
    path = events_of(place, DAY)
    lines = [json.loads(line) for line in landed.read_bytes(path).splitlines()]
    again = [json.dumps(line | {"id": f"{line['id']}-r"}) for line in lines]
    landed.write_bytes(
        landed.batch(place.landing, DAY) / "retry.ndjson.gz", "\n".join(again).encode()
    )


def a_batch_comes_late(place: Workplace) -> None:
    """A day's events land ten days after they should have."""
    path = events_of(place, DAY)
    late = landed.batch(place.landing, DAY + timedelta(days=10)) / "late.ndjson.gz"
    landed.write_bytes(late, landed.read_bytes(path))
    path.unlink()


def a_gzip_is_cut(place: Workplace) -> None:
    """The transfer of a file broke off."""
    path = events_of(place, DAY)
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[: len(content) // 2])


def lines_are_cut(place: Workplace) -> None:
    """Every tenth line of a file ends half-way."""
    path = events_of(place, DAY)
    lines = landed.read_bytes(path).splitlines()
    cut = [line[: len(line) // 2] if n % 10 == 0 else line for n, line in enumerate(lines)]
    landed.write_bytes(path, b"\n".join(cut) + b"\n")


def in_statement(
    provider: str, change: Callable[[Row], Row | None], month: str = MONTH
) -> Callable[[Workplace], None]:
    """Change the rows of a provider's statement of a month."""
    return lambda place: landed.change_rows(
        landed.statements(place.landing, provider, month), change
    )


def costing(change: Callable[[Decimal], Decimal], *columns: str) -> Callable[[Row], Row]:
    """The costs of a row are others."""

    def changed(row: Row) -> Row:
        return row | {column: f"{change(Decimal(row[column])):f}" for column in columns}

    return changed


def without(*columns: str) -> Callable[[Row], Row]:
    """The columns are not there."""
    return lambda row: {key: value for key, value in row.items() if key not in columns}


def without_tag(name: str) -> Callable[[Row], Row]:
    """A resource has lost one of its tags."""

    def changed(row: Row) -> Row:
        if not row["Tags"].startswith("{"):
            return row
        tags = {key: value for key, value in json.loads(row["Tags"]).items() if key != name}
        return row | {"Tags": json.dumps(tags)}

    return changed


def with_tag(name: str, old: str, new: str) -> Callable[[Row], Row]:
    """A tag has another value."""
    return lambda row: row | {"Tags": row["Tags"].replace(f'"{name}":"{old}"', f'"{name}":"{new}"')}


def a_statement_comes_under_two_names(place: Workplace) -> None:
    """A statement lands a second time in the same batch, with other line ends."""
    path = landed.statements(place.landing, "aws", MONTH)
    text = landed.read_bytes(path).replace(b"\n", b"\r\n")
    landed.write_bytes(path.with_name(f"copy-of-{path.name}"), text)


def a_statement_is_missing(place: Workplace) -> None:
    """A provider states nothing for a month."""
    landed.statements(place.landing, "microsoft", MONTH).unlink()


def a_statement_is_cut(place: Workplace) -> None:
    """The export of a statement stopped half-way."""
    path = landed.statements(place.landing, "aws", MONTH)
    rows = landed.read_rows(path)
    landed.write_rows(path, rows[: len(rows) // 2])


def a_month_is_restated_lower(place: Workplace) -> None:
    """A provider states January, which is closed, again at half of its costs."""
    path = landed.statements(place.landing, "aws", "2026-01")
    pico = Decimal("1E-12")  # more decimals would be refused, which is another fault
    halved = costing(lambda cost: (cost / 2).quantize(pico), "BilledCost", "EffectiveCost")
    again = path.parents[1] / "landed=20260305T070000Z" / path.name
    landed.write_rows(again, [halved(row) for row in landed.read_rows(path)])


def a_pool_is_missing(place: Workplace) -> None:
    """Nobody wrote down the month's support, development, sales and overhead."""
    (path,) = (place.landing / "cost_pools").rglob(f"*{MONTH}.csv")
    path.unlink()


def one(place: Workplace, folder: str) -> Path:
    """The one file of what was done that holds the most."""
    files = sorted((place.landing / folder).rglob("*.ndjson"), key=lambda path: path.stat().st_size)
    return files[-1]


def locks(place: Workplace) -> Path:
    """The file of the locks of usage."""
    (path,) = (
        path
        for path in (place.landing / "locks").rglob("*.ndjson")
        if b'"billing_period_id"' in path.read_bytes()
    )
    return path


def with_another_amount(path: Path) -> None:
    """Somebody writes a nine for the first digit of an amount in the middle of a file."""
    content = path.read_bytes()
    place = content.index(b'"amount":"', len(content) // 2) + len(b'"amount":"')
    landed.write_bytes(path, content[:place] + b"9" + content[place:])


def a_decision_is_gone(place: Workplace) -> None:
    """The decision by which invoices were issued is nowhere."""
    (path,) = (place.landing / "policy_decisions").rglob("*.ndjson")
    lines = path.read_bytes().splitlines(keepends=True)
    landed.write_bytes(path, b"".join(line for line in lines if b'"d-issue"' not in line))


def acted(action: str, **changes: str) -> Callable[[Workplace], None]:
    """An act of the world is done again in other words, after all else has landed."""

    def plant(place: Workplace) -> None:
        lines: Sequence[Line] = [
            json.loads(line)
            for path in sorted((place.landing / "actions").rglob("*.ndjson"))
            for line in path.read_bytes().splitlines()
        ]
        act = next(line for line in reversed(lines) if line["action"] == action)
        act |= {"id": f"{act['id']}-again", "at": "2026-03-02T08:00:00Z"}
        act["payload"] |= {key: text for key, text in changes.items() if key in act["payload"]}
        act |= {key: text for key, text in changes.items() if key in act}
        path = place.landing / "actions" / AFTER_ALL / "again.ndjson"
        landed.write_bytes(path, json.dumps(act).encode() + b"\n")

    return plant


def halved(quantity: Decimal) -> Decimal:
    """Half of it, so that most quantities have a decimal."""
    return quantity / 2


LANDING_FAULTS = (
    Fault(
        "a file of a day is lost",
        "landing",
        ("usage_drop", "usage_surge", "silent_producer", "intake"),
        a_file_is_lost,
    ),
    Fault(
        "a producer stops",
        "landing",
        ("silent_producer", "usage_drop", "usage_surge"),
        a_producer_stops,
    ),
    Fault(
        "a tenant stops",
        "landing",
        ("silent_producer", "usage_drop", "usage_surge"),
        on(DAY, LAST_DAY, of_tenant("dune-energy", dropped)),
    ),
    Fault("all usage stops", "landing", ("silent_producer",), everything_stops),
    Fault("a batch comes twice, exactly", "landing", ("duplicate_storm",), a_batch_comes_twice),
    Fault(
        "a batch comes twice, under other ids",
        "landing",
        (
            "usage_drop",
            "usage_surge",
        ),
        a_batch_comes_twice_under_other_ids,
    ),
    Fault("a batch comes ten days late", "landing", ("late_arrivals",), a_batch_comes_late),
    Fault(
        "the clocks of a batch are eight hours ahead",
        "landing",
        ("rejected_lines",),
        on(DAY, DAY, timed(shifted(8))),
    ),
    Fault(
        "the clocks of a batch are eight hours behind",
        "landing",
        (
            "usage_drop",
            "usage_surge",
        ),
        on(DAY, DAY, timed(shifted(-8))),
    ),
    Fault(
        "instants lose their offset",
        "landing",
        ("rejected_lines",),
        on(DAY, LAST_DAY, of_tenant("dune-energy", timed(lambda text: text[:-6]))),
    ),
    Fault(
        "instants lie in the far future",
        "landing",
        ("rejected_lines",),
        on(DAY, DAY, of_tenant(TENANT, timed(lambda text: "2099" + text[4:]))),
    ),
    Fault(
        "events lose their pack and feature",
        "landing",
        ("enrichment", "tag"),
        on(DAY, LAST_DAY, tagged(pack=None, feature=None)),
    ),
    Fault(
        "events lose their tenant",
        "landing",
        ("missing_tenant_tag", "rejected_lines"),
        on(DAY, DAY, of_tenant(TENANT, without_tenant)),
    ),
    Fault(
        "a tenant goes by another name",
        "landing",
        ("rejected_lines", "orphan"),
        on(DAY, DAY, of_tenant(TENANT, renamed("acme-robotics-inc"))),
    ),
    Fault(
        "events of one tenant go to another",
        "landing",
        (
            "usage_drop",
            "usage_surge",
        ),
        on(DAY, DAY, of_tenant(TENANT, renamed("glacier-labs"))),
    ),
    Fault(
        "events are of an unknown category",
        "landing",
        ("rejected_lines",),
        on(DAY, DAY, of_type("lead_routed", categorised("telepathy"))),
    ),
    Fault(
        "production calls itself staging",
        "landing",
        (
            "usage_drop",
            "usage_surge",
        ),
        on(DAY, LAST_DAY, of_tenant(TENANT, tagged(env="staging"))),
    ),
    Fault(
        "actors go without an id",
        "landing",
        ("lost_metadata_key",),
        on(DAY, LAST_DAY, tagged(actor_id=None)),
    ),
    Fault(
        "quantities change their sign",
        "landing",
        ("negative_quantity",),
        on(DAY, DAY, of_tenant(TENANT, counted(lambda quantity: -quantity))),
    ),
    Fault(
        "quantities are zero",
        "landing",
        ("zero_quantity",),
        on(DAY, DAY, of_tenant(TENANT, counted(lambda _: Decimal(0)))),
    ),
    Fault(
        "quantities lose their decimals",
        "landing",
        ("usage_drop", "usage_surge", "schema_drift"),
        on(
            DAY,
            LAST_DAY,
            of_type(
                "manual_effort_saved",
                counted(lambda quantity: quantity.quantize(Decimal(1), ROUND_DOWN)),
            ),
        ),
    ),
    Fault(
        "quantities are in another unit, a thousand times as many",
        "landing",
        (
            "usage_drop",
            "usage_surge",
        ),
        on(DAY, DAY, of_type("api_call", counted(lambda quantity: quantity * 1000))),
    ),
    Fault(
        "quantities are halved",
        "landing",
        (
            "usage_drop",
            "usage_surge",
        ),
        on(DAY, DAY, counted(halved)),
    ),
    Fault(
        "metadata have a new key",
        "landing",
        ("schema_drift",),
        on(DAY, DAY, of_type("api_call", tagged(session="s-1"))),
    ),
    Fault(
        "a number of metadata becomes a text",
        "landing",
        ("schema_drift",),
        on(DAY, DAY, bytes_as(str)),
    ),
    Fault(
        "sizes are stated in kilobytes",
        "landing",
        (
            "usage_drop",
            "usage_surge",
        ),
        on(DAY, LAST_DAY, bytes_as(lambda size: size // 1024)),
        survives_because=(
            "a dozen sizes land in a day, each of another order of magnitude, which is too few to "
            "tell a unit by"
        ),
    ),
    Fault("a gzip file is cut", "landing", ("refused",), a_gzip_is_cut),
    Fault("lines are cut", "landing", ("rejected_lines",), lines_are_cut),
    Fault(
        "a statement loses the tenants of its resources",
        "landing",
        ("missing_tenant_tag", "orphaned_cost"),
        in_statement("aws", without_tag("tenant_id")),
        start="middle",
    ),
    Fault(
        "a service is tagged with a typing error",
        "landing",
        ("orphaned_cost",),
        in_statement("aws", with_tag("service", "graph-db", "grahp-db")),
        start="middle",
    ),
    Fault(
        "a statement comes under two names",
        "landing",
        ("cost_surge", "cost_drop", "duplicate"),
        a_statement_comes_under_two_names,
        start="middle",
    ),
    Fault(
        "a statement is missing",
        "landing",
        ("statement_gap", "cost_drop"),
        a_statement_is_missing,
        start="middle",
    ),
    Fault(
        "a statement is cut",
        "landing",
        (
            "cost_surge",
            "cost_drop",
        ),
        a_statement_is_cut,
        start="middle",
    ),
    Fault(
        "a statement has its costs negated",
        "landing",
        (
            "cost_surge",
            "cost_drop",
        ),
        in_statement("aws", costing(lambda cost: -cost, "BilledCost", "EffectiveCost")),
        start="middle",
    ),
    Fault(
        "a statement is in another currency",
        "landing",
        ("cost_surge", "cost_drop", "statement_gap"),
        in_statement("aws", lambda row: row | {"BillingCurrency": "JPY"}),
        start="middle",
    ),
    Fault(
        "a statement is in a currency that nobody knows",
        "landing",
        ("missing_exchange_rate",),
        in_statement("aws", lambda row: row | {"BillingCurrency": "XBT"}),
        start="middle",
    ),
    Fault(
        "a statement has no effective cost",
        "landing",
        ("refused",),
        in_statement("aws", without("EffectiveCost")),
        start="middle",
    ),
    Fault(
        "a statement has no tags",
        "landing",
        ("orphaned_cost", "missing_tenant_tag"),
        in_statement("aws", without("Tags")),
        start="middle",
    ),
    Fault(
        "billed costs are cut to whole units",
        "landing",
        (
            "cost_surge",
            "cost_drop",
        ),
        in_statement(
            "aws", costing(lambda cost: cost.quantize(Decimal(1), ROUND_DOWN), "BilledCost")
        ),
        start="middle",
    ),
    Fault(
        "a closed month is stated again, at half its cost",
        "landing",
        (
            "cost_surge",
            "cost_drop",
        ),
        a_month_is_restated_lower,
        start="middle",
    ),
    Fault(
        "nobody writes down the month's overhead",
        "landing",
        ("statement_gap", "cost_drop"),
        a_pool_is_missing,
        start="middle",
    ),
    Fault(
        "a lock is edited",
        "landing",
        ("refused",),
        lambda place: with_another_amount(locks(place)),
    ),
    Fault(
        "a lock is edited, and all is built anew",
        "landing",
        ("lock_mismatch",),
        lambda place: with_another_amount(locks(place)),
        start="nothing",
    ),
    Fault(
        "an issued document is edited, and all is built anew",
        "landing",
        ("lock_mismatch",),
        lambda place: with_another_amount(one(place, "issued")),
        start="nothing",
    ),
    Fault(
        "a lock is lost, and all is built anew",
        "landing",
        ("lock_mismatch",),
        lambda place: locks(place).unlink(),
        start="nothing",
    ),
    Fault(
        "the decision to issue is gone, and all is built anew",
        "landing",
        ("decision_missing",),
        a_decision_is_gone,
        start="nothing",
    ),
    Fault(
        "a payment is recorded twice",
        "landing",
        ("unapplied", "payment"),
        acted("record_payment", reference="bank-again"),
    ),
    Fault(
        "somebody acts without a decision",
        "landing",
        ("decision_missing",),
        acted("record_payment", reference="bank-again", policy_decision_id="d-none"),
    ),
)

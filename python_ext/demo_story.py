"""The story behind the demo data: who uses what, and which trouble is planted on which day.

Everything here is a constant or follows from one by a seeded draw, so the same scale always tells
the same story. A day is an index from 0 (`FIRST_DAY`) to `DAYS - 1`; the batch of a day holds what
lands half an hour after that day ends.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from itertools import cycle

import numpy as np

SEED = 20_250_101
FIRST_DAY = date(2025, 1, 1)
LAST_DAY = date(2026, 2, 28)
DAYS = (LAST_DAY - FIRST_DAY).days + 1
DAY_MS = 86_400_000
PLAIN_MONTH = (2025, 6)
PARQUET_MONTH = (2025, 9)
SURGE_TENANT = "acme-robotics"
SURGE_DAY = date(2025, 10, 14)
SURGE_EXTRA_RATIO = 9  # on top of the normal day, so about ten times as many events
UNPRICED_TENANT = "fjord-shipping"
UNPRICED_MONTH = date(2025, 8, 1)
ENVIRONMENTS = ("production", "staging", "development")
ENVIRONMENT_SHARES = (0.90, 0.07, 0.03)
ARCHIVE_KEPT_DAYS = 28
BAD_QUANTITIES = ("0.123456789012", "1234567890123456789012345")  # too fine, too large
# Streams of random numbers beside the daily ones, whose second key is a day index below DAYS.
TROUBLE_STREAM = 1_000_001
FOCUS_STREAM = 1_000_002


def day_of(index: int) -> date:
    """The UTC date of a day index."""
    return FIRST_DAY + timedelta(days=index)


def random_stream(*keys: int) -> np.random.Generator:
    """A generator that depends on the keys only, so that days can be drawn in any order."""
    return np.random.Generator(np.random.PCG64([SEED, *keys]))


def is_parquet_day(index: int) -> bool:
    """Whether the native events of this day's batch land as Parquet."""
    day = day_of(index)
    return (day.year, day.month) == PARQUET_MONTH


@dataclass(frozen=True)
class Tenant:
    """A tenant of the default catalogue. Rates are at scale 1; days are inclusive, in UTC."""

    number: int
    tenant_id: str
    region: str
    packs: tuple[str, ...]
    weekday_events: int
    users: int
    components: int
    office_start_hour: int
    first_day: date = FIRST_DAY
    last_day: date = LAST_DAY
    offset_hours: int = 0
    weekend: tuple[int, int] = (5, 6)
    weekend_ratio: float = 0.4
    business_units: tuple[str, ...] = ()

    def is_active(self, index: int) -> bool:
        """Whether the contract covers the day."""
        return self.first_day <= day_of(index) <= self.last_day

    def zone(self) -> str:
        """The suffix of this tenant's timestamps: `Z`, or an offset such as `+03:00`."""
        return f"+{self.offset_hours:02d}:00" if self.offset_hours else "Z"


@dataclass(frozen=True)
class EventKind:
    """A category and type of event. `quantity` is `one`, `batch` (now and then 2..20) or `hours`.

    `weight` is relative to the other kinds of a tenant; `user_ratio` is the part done by people
    (the rest by `service`), and `crowd_ratio` the part of the tenant's people who do it at all.
    """

    category: str
    event_type: str
    feature: str
    capability: str
    pack: str
    weight: int
    user_ratio: float
    service: str
    crowd_ratio: float = 1.0
    quantity: str = "one"
    has_bytes: bool = False
    hints: tuple[tuple[str, str], ...] = ()

    def metadata_head(self, environment: str) -> str:
        """The metadata object from its opening brace up to (not including) the actor."""
        head = {"feature": self.feature, "capability": self.capability, "pack": self.pack}
        return compact_json({**head, "env": environment, **dict(self.hints)})[:-1]


@dataclass(frozen=True)
class Event:
    """One usage event as a producer writes it; a field that is None is left out.

    `quantity` is a JSON token (`3`, or `"1.25"` with its quotes), `metadata` JSON text.
    """

    event_id: str
    tenant_id: str | None
    timestamp: str
    category: str
    event_type: str | None
    quantity: str
    metadata: str

    def line(self) -> bytes:
        """The event as one NDJSON line."""
        texts = {
            "id": self.event_id,
            "tenant_id": self.tenant_id,
            "timestamp": self.timestamp,
            "category": self.category,
            "type": self.event_type,
        }
        head = compact_json({key: text for key, text in texts.items() if text is not None})[:-1]
        return f'{head},"quantity":{self.quantity},"metadata":{self.metadata}}}\n'.encode()


def compact_json(value: object) -> str:
    """JSON without blanks, keys in the order given."""
    return json.dumps(value, separators=(",", ":"))


CORE, REVOPS, HIGH_RISK, PLATFORM = "companyos_core", "revops", "high_risk_ops", "platform"

POLICY_DECISION = EventKind(
    CORE, "policy_decision", "policy_engine", "policy", CORE, 26, 0.4, "policy", quantity="batch"
)
API_CALL = EventKind(
    PLATFORM, "api_call", "api_gateway", "integration", CORE, 18, 0.0, "api", quantity="batch"
)
LEAD_ROUTED = EventKind(
    REVOPS, "lead_routed", "lead_router", "routing", REVOPS, 7, 0.6, "lead-router", 0.5
)
EVIDENCE_WRITTEN = EventKind(
    CORE, "evidence_written", "evidence_ledger", "evidence", CORE, 6, 0.3, "ledger", has_bytes=True
)
EVIDENCE_DELETED = replace(EVIDENCE_WRITTEN, event_type="evidence_deleted")
HIGH_RISK_EVIDENCE = EventKind(
    HIGH_RISK,
    "evidence_written",
    "high_risk_evidence",
    "evidence",
    HIGH_RISK,
    2,
    0.3,
    "ledger",
    has_bytes=True,
)
COMPONENT_INVENTORY = EventKind(
    PLATFORM, "component_inventory", "component_registry", "integration", CORE, 0, 0.0, "inventory"
)
EXTERNAL_API_CALL = EventKind(
    REVOPS,
    "external_api_call",
    "lead_router",
    "routing",
    REVOPS,
    3,
    0.0,
    "enrichment",
    hints=(("sku", "lumen-enrich"), ("cost_hint", "0.012 EUR")),
)
# In order: category, type, feature, capability, pack, weight, user_ratio, service, crowd_ratio.
KINDS: tuple[EventKind, ...] = (
    POLICY_DECISION,
    EventKind(CORE, "workflow_run", "workflow_engine", "workflow", CORE, 14, 0.7, "scheduler"),
    EventKind(CORE, "graph_query", "graph_explorer", "graph", CORE, 16, 0.9, "graph"),
    EventKind(CORE, "switchboard_session", "switchboard", "switchboard", CORE, 8, 1.0, "none"),
    EVIDENCE_WRITTEN,
    API_CALL,
    LEAD_ROUTED,
    EventKind(REVOPS, "deal_processed", "deal_desk", "deals", REVOPS, 3, 1.0, "none", 0.5),
    EventKind(
        REVOPS, "policy_decision", "revops_policies", "policy", REVOPS, 4, 0.5, "policy", 0.5
    ),
    EXTERNAL_API_CALL,
    EventKind(
        HIGH_RISK, "request_created", "high_risk_console", "operations", HIGH_RISK, 5, 0.9, "runner"
    ),
    EventKind(
        HIGH_RISK,
        "operation_executed",
        "high_risk_console",
        "operations",
        HIGH_RISK,
        4,
        0.3,
        "runner",
    ),
    HIGH_RISK_EVIDENCE,
    EventKind(
        HIGH_RISK,
        "manual_effort_saved",
        "high_risk_console",
        "operations",
        HIGH_RISK,
        3,
        1.0,
        "none",
        quantity="hours",
    ),
)

# In order: number, id, region, packs, weekday events, users, components, office start (UTC hour).
TENANTS: tuple[Tenant, ...] = (
    Tenant(
        0,
        "summit-internal",
        "us-east",
        (CORE, REVOPS, HIGH_RISK),
        55,
        40,
        900,
        14,
        business_units=("summit-engineering", "summit-sales", "summit-finance"),
    ),
    Tenant(1, "acme-robotics", "us-east", (CORE, REVOPS, HIGH_RISK), 97, 60, 2400, 13),
    Tenant(2, "borealis-bank", "ca-central", (CORE, HIGH_RISK), 82, 50, 1800, 13),
    Tenant(3, "cobalt-health", "eu-central", (CORE, REVOPS), 36, 24, 520, 7),
    Tenant(
        4,
        "dune-energy",
        "me-central",
        (CORE, HIGH_RISK),
        50,
        30,
        1100,
        5,
        offset_hours=3,
        weekend=(4, 5),
    ),
    Tenant(
        5,
        "ember-games",
        "ap-northeast",
        (CORE, REVOPS),
        36,
        20,
        410,
        0,
        first_day=date(2025, 2, 10),
        weekend_ratio=0.9,
    ),
    Tenant(6, "fjord-shipping", "eu-west", (CORE,), 23, 14, 260, 7),
    Tenant(7, "glacier-labs", "eu-west", (CORE, REVOPS), 13, 8, 48, 8, first_day=date(2025, 3, 15)),
    Tenant(8, "harbor-insurance", "us-east", (CORE, HIGH_RISK), 84, 55, 2000, 13),
    Tenant(
        9,
        "ion-logistics",
        "eu-central",
        (CORE, REVOPS),
        28,
        16,
        340,
        7,
        last_day=date(2025, 11, 30),
    ),
    Tenant(10, "juniper-gov", "us-gov", (CORE, HIGH_RISK), 60, 36, 1300, 13),
    Tenant(11, "kestrel-media", "eu-west", (CORE, REVOPS), 12, 4, 36, 8),
)
TENANT_BY_ID = {tenant.tenant_id: tenant for tenant in TENANTS}
# Corrections take usage away, so they go where a month has plenty of it.
CORRECTED_TENANTS = tuple(tenant for tenant in TENANTS if tenant.weekday_events >= 50)


@cache
def kinds_of(tenant: Tenant) -> tuple[EventKind, ...]:
    """The kinds of event that the tenant's packs produce."""
    return tuple(kind for kind in KINDS if kind.pack in tenant.packs)


def timestamp_text(tenant: Tenant, index: int, millisecond: int) -> str:
    """ISO 8601 with milliseconds, in the tenant's own zone, for a millisecond of a UTC day."""
    moment = datetime.combine(day_of(index), datetime.min.time(), UTC)
    local = (moment + timedelta(milliseconds=millisecond)).astimezone(
        timezone(timedelta(hours=tenant.offset_hours))
    )
    return local.replace(tzinfo=None).isoformat(timespec="milliseconds") + tenant.zone()


def service_event(  # noqa: PLR0913 - an event simply has this many sides
    kind: EventKind,
    tenant: Tenant,
    index: int,
    millisecond: int,
    *,
    suffix: str,
    quantity: str,
    stored_bytes: int | None = None,
) -> Event:
    """A single production event written by a service; `stored_bytes` may be negative."""
    rest: dict[str, object] = {
        "actor_type": "service",
        "actor_id": f"svc-{kind.service}",
        "region": tenant.region,
    }
    if tenant.business_units:
        rest["business_unit"] = tenant.business_units[index % len(tenant.business_units)]
    if stored_bytes is not None:
        rest["bytes"] = stored_bytes
    return Event(
        event_id=f"evt-{day_of(index):%Y%m%d}-{tenant.number:02d}-{suffix}",
        tenant_id=tenant.tenant_id,
        timestamp=timestamp_text(tenant, index, millisecond),
        category=kind.category,
        event_type=kind.event_type,
        quantity=quantity,
        metadata=f"{kind.metadata_head('production')},{compact_json(rest)[1:]}",
    )


def _archive_bytes(tenant: Tenant, index: int) -> int:
    """Size of the archive written on a day: a formula, so its deletion needs no memory of it."""
    return 2_000_000 * tenant.weekday_events * (5 + index // 7 % 4)


def housekeeping(tenant: Tenant, index: int) -> Iterator[Event]:
    """What services do by themselves: a daily inventory and a weekly archive kept for four weeks.

    An archive is deleted in full, four weeks after it was written, in the same category and
    business unit: deletions can never exceed what was written before.
    """
    components = tenant.components * (1000 + index) // 1000
    yield service_event(
        COMPONENT_INVENTORY, tenant, index, 7_200_000, suffix="inventory", quantity=str(components)
    )
    if day_of(index).weekday() != 0:
        return
    size = _archive_bytes(tenant, index)
    # Archives of one business unit only: an index four weeks earlier would name another one.
    owner = replace(tenant, business_units=tenant.business_units[:1])
    yield service_event(
        EVIDENCE_WRITTEN,
        owner,
        index,
        10_800_000,
        suffix="archive",
        quantity="1",
        stored_bytes=size,
    )
    earlier = index - ARCHIVE_KEPT_DAYS
    if earlier >= 0 and tenant.is_active(earlier):
        size = -_archive_bytes(tenant, earlier)
        yield service_event(
            EVIDENCE_DELETED,
            owner,
            index,
            14_400_000,
            suffix="purge",
            quantity="1",
            stored_bytes=size,
        )


@dataclass(frozen=True)
class TroubleCounts:
    """How many lines of each kind of trouble are planted."""

    exact_duplicates: int = 300
    conflicting_duplicates: int = 24
    malformed_json: int = 20
    missing_tenant_id: int = 15
    missing_type: int = 4
    unknown_tenant: int = 12
    bad_timestamp: int = 10
    bad_quantity: int = 8
    unknown_category: int = 6
    future_timestamp: int = 5
    zero_quantity: int = 40
    late: int = 60
    compensating: int = 30
    unpriced: int = 62

    def times(self, factor: int) -> "TroubleCounts":
        """The same mix, each count multiplied."""
        return TroubleCounts(**{name: count * factor for name, count in vars(self).items()})


@dataclass
class Trouble:
    """The planted lines by batch (day index), with what the warehouse must make of them."""

    batches: dict[int, list[Event | bytes]] = field(default_factory=dict)
    accepted: int = 0
    duplicates: int = 0
    rejected: dict[str, int] = field(default_factory=dict)

    def accept(self, index: int, event: Event) -> Event:
        """Land an event that the warehouse accepts."""
        self.accepted += 1
        self._land(index, event)
        return event

    def duplicate(self, index: int, event: Event) -> None:
        """Land an accepted event once more."""
        self.duplicates += 1
        self._land(index, event)

    def reject(self, index: int, reason: str, line: Event | bytes) -> None:
        """Land a line that the warehouse refuses for exactly this reason."""
        self.rejected[reason] = self.rejected.get(reason, 0) + 1
        self._land(index, line)

    def _land(self, index: int, line: Event | bytes) -> None:
        self.batches.setdefault(index, []).append(line)


class TroubleMaker:
    """Plants trouble; each kind has its own stream, so one count never moves another kind."""

    def __init__(self, counts: TroubleCounts) -> None:
        self.counts = counts
        self.trouble = Trouble()
        self._serial = 0

    def plant(self) -> Trouble:
        """All the trouble of the story."""
        self._exact_duplicates()
        self._conflicting_duplicates()
        self._malformed()
        self._rule_breakers()
        self._zero_quantities()
        self._late()
        self._compensating()
        self._unpriced()
        return self.trouble

    def _event(
        self,
        rng: np.random.Generator,
        tenant: Tenant,
        index: int,
        quantity: str = "1",
        kind: EventKind = POLICY_DECISION,
    ) -> Event:
        self._serial += 1
        millisecond = int(rng.integers(0, DAY_MS))
        suffix = f"p{self._serial:06d}"
        return service_event(kind, tenant, index, millisecond, suffix=suffix, quantity=quantity)

    def _exact_duplicates(self) -> None:
        rng = random_stream(TROUBLE_STREAM, 1)
        for k in range(self.counts.exact_duplicates):
            delay = 0 if k % 5 == 0 else int(rng.integers(1, 31))
            index = _day_with_room(rng, _tenant(k), delay)
            event = self._event(rng, _tenant(k), index, kind=(POLICY_DECISION, API_CALL)[k % 2])
            self.trouble.accept(index, event)
            self.trouble.duplicate(index + delay, event)

    def _conflicting_duplicates(self) -> None:
        rng = random_stream(TROUBLE_STREAM, 2)
        for k in range(self.counts.conflicting_duplicates):
            delay = int(rng.integers(1, 31))
            index = _day_with_room(rng, _tenant(k), delay)
            event = self.trouble.accept(index, self._event(rng, _tenant(k), index, "2"))
            changed = replace(event, quantity="3")
            self.trouble.reject(index + delay, "conflicting_duplicate", changed)

    def _malformed(self) -> None:
        rng = random_stream(TROUBLE_STREAM, 3)
        count = self.counts.malformed_json
        for k in range(count):
            index = _day_with_room(rng, _tenant(k), 0)
            while is_parquet_day(index):  # a Parquet row cannot be broken JSON
                index = _day_with_room(rng, _tenant(k), 0)
            line = self._event(rng, _tenant(k), index).line().rstrip()
            forms = (
                line[: len(line) // 2],
                line.replace(b'","tenant_id"', b'" "tenant_id"'),
                f"connection reset by peer while sending {k}".encode(),
                line[:-1],
            )
            broken = forms[k % 4]
            if k % 20 == 5:
                broken = line.replace(b'"region":"', b'"region":"\xff\xfe')
            self.trouble.reject(index, "malformed_json", broken + b"\n")

    def _rule_breakers(self) -> None:
        """Lines that are valid but for one field."""
        rng = random_stream(TROUBLE_STREAM, 4)
        counts = self.counts
        quantities = cycle(BAD_QUANTITIES)
        breaks: tuple[tuple[str, int, Callable[[Event], Event]], ...] = (
            ("missing_tenant_id", counts.missing_tenant_id, lambda e: replace(e, tenant_id=None)),
            ("missing_type", counts.missing_type, lambda e: replace(e, event_type=None)),
            ("unknown_tenant", counts.unknown_tenant, lambda e: replace(e, tenant_id="ghost-co")),
            ("bad_timestamp", counts.bad_timestamp, lambda e: replace(e, timestamp="not-a-time")),
            ("bad_quantity", counts.bad_quantity, lambda e: replace(e, quantity=next(quantities))),
            (
                "unknown_category",
                counts.unknown_category,
                lambda e: replace(e, category="telepathy"),
            ),
            (
                "future_timestamp",
                counts.future_timestamp,
                lambda e: replace(e, timestamp="2099-01-01T00:00:00.000Z"),
            ),
        )
        for reason, count, break_rule in breaks:
            for k in range(count):
                index = _day_with_room(rng, _tenant(k), 0)
                event = self._event(rng, _tenant(k), index)
                self.trouble.reject(index, reason, break_rule(event))

    def _zero_quantities(self) -> None:
        rng = random_stream(TROUBLE_STREAM, 5)
        for k in range(self.counts.zero_quantity):
            index = _day_with_room(rng, _tenant(k), 0)
            self.trouble.accept(index, self._event(rng, _tenant(k), index, "0"))

    def _late(self) -> None:
        rng = random_stream(TROUBLE_STREAM, 6)
        for k in range(self.counts.late):
            delay = int(rng.integers(5, 41))
            index = _day_with_room(rng, _tenant(k), delay)
            event = self._event(rng, _tenant(k), index, kind=(POLICY_DECISION, API_CALL)[k % 2])
            self.trouble.accept(index + delay, event)

    def _compensating(self) -> None:
        """Corrections with a time of their own: two in three take all of it back."""
        rng = random_stream(TROUBLE_STREAM, 7)
        for k in range(self.counts.compensating):
            tenant = CORRECTED_TENANTS[k % len(CORRECTED_TENANTS)]
            kind = (POLICY_DECISION, API_CALL)[k % 2]
            delay = int(rng.integers(1, 21))
            index = _day_with_room(rng, tenant, delay)
            quantity = int(rng.integers(4, 13))
            wrong = self._event(rng, tenant, index, str(quantity), kind)
            self.trouble.accept(index, wrong)
            taken_back = quantity // 2 if k % 3 == 0 else quantity
            fix = self._event(rng, tenant, index + delay, str(-taken_back), kind)
            link = f',"corrects_event_id":"{wrong.event_id}"}}'
            self.trouble.accept(index + delay, replace(fix, metadata=wrong.metadata[:-1] + link))

    def _unpriced(self) -> None:
        rng = random_stream(TROUBLE_STREAM, 8)
        tenant = TENANT_BY_ID[UNPRICED_TENANT]
        start = (UNPRICED_MONTH - FIRST_DAY).days
        for k in range(self.counts.unpriced):
            index = start + k % 31
            self.trouble.accept(index, self._event(rng, tenant, index, kind=LEAD_ROUTED))


def _tenant(k: int) -> Tenant:
    return TENANTS[k % len(TENANTS)]


def _day_with_room(rng: np.random.Generator, tenant: Tenant, delay: int) -> int:
    """A day of the contract with `delay` more days after it, whose two batches look alike.

    Both batches are Parquet or neither is: a copy of a line is then the same text as the line.
    """
    first = (tenant.first_day - FIRST_DAY).days
    last = (tenant.last_day - FIRST_DAY).days - delay
    while True:
        index = int(rng.integers(first, last + 1))
        if is_parquet_day(index) == is_parquet_day(index + delay):
            return index

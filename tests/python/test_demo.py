"""The demo data is what its expectations say, found by reading the files again without its code."""

import csv
import gzip
import hashlib
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow.parquet as pq
import pytest

from python_ext import demo
from python_ext.demo import write_demo
from python_ext.errors import MeterhouseError

CATALOGUE = Path(__file__).parents[2] / "seeds" / "catalogue"
Row = dict[str, Any]


@dataclass(frozen=True)
class Accepted:
    """An accepted event with its instants in UTC."""

    fields: Row
    at: datetime
    landed_at: datetime

    @property
    def tenant_id(self) -> str:
        return str(self.fields["tenant_id"])

    @property
    def metadata(self) -> Row:
        metadata: Row = self.fields["metadata"]
        return metadata


@dataclass
class Intake:
    """What a careful reader makes of a landing folder's usage events."""

    lines: int = 0
    duplicates: int = 0
    accepted: dict[str, Accepted] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Demo:
    """A written landing folder, what it promises and what was read from it."""

    landing: Path
    expectations: dict[str, Any]
    intake: Intake
    costs: list[Row]


def seed(name: str) -> list[dict[str, str]]:
    with (CATALOGUE / f"{name}.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


TENANTS = {row["tenant_id"] for row in seed("tenants")}
CATEGORIES = {row["category"] for row in seed("event_categories")}
FEATURES = {row["feature_id"]: row for row in seed("features")}
SERVICES = {r["tag_value"] for r in seed("cost_mapping_rules") if r["tag_key"] == "service"}


def landed_at(path: Path) -> datetime:
    stamp = path.parent.name.removeprefix("landed=")
    return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def parse(line: bytes) -> Row | None:
    """The event in the native form, or None when the line is not a JSON object."""
    try:
        event = json.loads(line.decode(), parse_int=Decimal, parse_float=Decimal)
    except ValueError:
        return None
    if not isinstance(event, dict):
        return None
    if "specversion" in event:
        return {
            "id": event["id"],
            "tenant_id": event["subject"],
            "timestamp": event["time"],
            "type": event["type"],
            **event["data"],
        }
    return event


def rows_of(path: Path) -> Iterator[Row | None]:
    if path.suffix == ".parquet":
        for row in pq.read_table(path).to_pylist():
            present = {key: value for key, value in row.items() if value is not None}
            yield {**present, "metadata": json.loads(present["metadata"], parse_int=Decimal)}
        return
    for line in content(path).split(b"\n"):
        if line.strip():
            yield parse(line)


def instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


def reasons(event: Row, landed: datetime) -> list[str]:
    """Every rule that the event breaks."""
    required = ("id", "tenant_id", "timestamp", "category", "type", "quantity")
    found = [f"missing_{name}" for name in required if name not in event]
    if event.get("tenant_id", "acme-robotics") not in TENANTS:
        found.append("unknown_tenant")
    if event["category"] not in CATEGORIES:
        found.append("unknown_category")
    at = instant(event["timestamp"])
    if at is None:
        found.append("bad_timestamp")
    elif at > landed + timedelta(minutes=5):
        found.append("future_timestamp")
    quantity = Decimal(event["quantity"])
    if int(quantity.as_tuple().exponent) < -9 or abs(quantity) >= 10**18:
        found.append("bad_quantity")
    return found


def read_intake(landing: Path) -> Intake:
    intake = Intake()
    for path in sorted(landing.glob("usage_events/*/*")):
        landed = landed_at(path)
        for event in rows_of(path):
            intake.lines += 1
            broken = ["malformed_json"] if event is None else reasons(event, landed)
            if event is None or broken:
                assert len(broken) == 1, event
                intake.rejected[broken[0]] += 1
                continue
            event["quantity"] = Decimal(event["quantity"])
            earlier = intake.accepted.get(event["id"])
            if earlier is None:
                at = instant(event["timestamp"])
                assert at is not None
                intake.accepted[event["id"]] = Accepted(event, at, landed)
            elif earlier.fields == event:
                intake.duplicates += 1
            else:
                intake.rejected["conflicting_duplicate"] += 1
    return intake


def read_costs(landing: Path) -> list[Row]:
    rows: list[Row] = []
    for path in sorted(
        set(landing.glob("focus/*/*")) - set(landing.glob("focus/*/*_preliminary*"))
    ):
        for row in csv.DictReader(io.StringIO(content(path).decode(), newline="")):
            clean = {name: None if text in ("", "NULL") else text for name, text in row.items()}
            tags = json.loads(clean["Tags"]) if clean["Tags"] else {}
            rows.append({**clean, "Tags": tags, "file": path.name, "landed": path.parent.name})
    return rows


def total(rows: list[Row], column: str) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        totals[row["BillingCurrency"]] += Decimal(row[column])
    return totals


def as_decimals(texts: dict[str, str]) -> dict[str, Decimal]:
    return {currency: Decimal(text) for currency, text in texts.items()}


def digests(landing: Path) -> dict[str, str]:
    return {
        str(path.relative_to(landing)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(landing.rglob("*"))
        if path.is_file()
    }


def make(landing: Path, clean: bool = False) -> Demo:
    expectations = write_demo(landing, progress=False, clean=clean)
    return Demo(landing, expectations, read_intake(landing), read_costs(landing))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return make(tmp_path_factory.mktemp("demo") / "landing")


@pytest.fixture(scope="module")
def clean_story(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return make(tmp_path_factory.mktemp("clean") / "landing", clean=True)


def test_two_runs_write_the_same_bytes_even_when_one_uses_threads(
    story: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "THREADS_FROM_SCALE", 1)
    write_demo(tmp_path / "again", progress=False)
    assert digests(tmp_path / "again") == digests(story.landing)


def test_a_busy_day_written_in_chunks_has_the_same_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    surge = (date(2025, 10, 14) - date(2025, 1, 1)).days
    whole = demo._write_batch(tmp_path / "whole", surge, 1, [], False)
    monkeypatch.setattr(demo, "CHUNK_EVENTS", 7)
    assert demo._write_batch(tmp_path / "chunks", surge, 1, [], False) == whole
    files = sorted((tmp_path / "whole").glob("*/*"))
    chunked = sorted((tmp_path / "chunks").glob("*/*"))
    assert [content(path) for path in chunked] == [content(path) for path in files]


def test_the_expectations_file_holds_what_was_returned(story: Demo) -> None:
    text = (story.landing / "expectations.json").read_text()
    assert json.loads(text) == story.expectations
    assert text == json.dumps(story.expectations, indent=2, sort_keys=True) + "\n"


def test_every_line_is_accepted_a_duplicate_or_rejected_as_expected(story: Demo) -> None:
    intake = story.intake
    assert intake.lines == story.expectations["usage_lines"]
    assert len(intake.accepted) == story.expectations["accepted"]
    assert intake.duplicates == story.expectations["duplicates"]
    assert intake.rejected == story.expectations["rejected"]
    assert intake.lines == len(intake.accepted) + intake.duplicates + intake.rejected.total()
    assert 190_000 <= len(intake.accepted) <= 220_000


def test_planted_events_are_as_many_as_expected(story: Demo) -> None:
    events = story.intake.accepted.values()
    late = [e for e in events if e.landed_at - e.at > timedelta(hours=48)]
    crossing = [e for e in late if (e.at.year, e.at.month) != (e.landed_at.year, e.landed_at.month)]
    unpriced = [
        e for e in events if e.tenant_id == "fjord-shipping" and e.fields["category"] == "revops"
    ]
    assert len(late) == story.expectations["late_events"]
    assert crossing
    assert len(unpriced) == story.expectations["unpriced_events"]
    assert {(e.fields["type"], e.metadata["env"]) for e in unpriced} == {
        ("lead_routed", "production")
    }
    assert {(e.at.year, e.at.month) for e in unpriced} == {(2025, 8)}
    zero = [e for e in events if e.fields["quantity"] == 0]
    assert len(zero) == story.expectations["zero_quantity_events"]
    assert {e.fields["type"] for e in zero} == {"policy_decision"}


def test_a_correction_takes_back_at_most_what_an_earlier_event_counted(story: Demo) -> None:
    accepted = story.intake.accepted
    fixes = [e for e in accepted.values() if "corrects_event_id" in e.metadata]
    assert len(fixes) == story.expectations["compensating_events"]
    assert {e.fields["id"] for e in accepted.values() if e.fields["quantity"] < 0} == {
        e.fields["id"] for e in fixes
    }
    nets = []
    for fix in fixes:
        wrong = accepted[fix.metadata["corrects_event_id"]]
        assert wrong.at < fix.at
        same = ("tenant_id", "category", "type")
        assert [fix.fields[name] for name in same] == [wrong.fields[name] for name in same]
        nets.append(wrong.fields["quantity"] + fix.fields["quantity"])
    assert min(nets) == 0
    assert max(nets) > 0
    assert len({fix.metadata["corrects_event_id"] for fix in fixes}) == len(fixes)


def test_only_the_surge_day_stands_out_of_a_tenants_days(story: Demo) -> None:
    days: dict[str, Counter[date]] = defaultdict(Counter)
    for event in story.intake.accepted.values():
        days[event.tenant_id][event.at.date()] += 1
    ratios = {
        (tenant, day.isoformat()): count / median(counts.values())
        for tenant, counts in days.items()
        for day, count in counts.items()
    }
    surges = {(s["tenant_id"], s["date"]) for s in story.expectations["surges"]}
    assert surges == {("acme-robotics", "2025-10-14")}
    assert all(ratios[surge] > 8 for surge in surges)
    assert max(ratio for day, ratio in ratios.items() if day not in surges) < 4


def test_usage_stays_inside_contracts_and_their_packs(story: Demo) -> None:
    contracts = {row["contract_id"]: row for row in seed("contracts")}
    ranges = {row["tenant_id"]: (row["start_date"], row["end_date"]) for row in contracts.values()}
    packs = {
        (contracts[row["contract_id"]]["tenant_id"], row["pack_id"])
        for row in seed("contract_packs")
    }
    outside = Counter[str]()
    for event in story.intake.accepted.values():
        start, end = ranges[event.tenant_id]
        assert start <= event.at.date().isoformat() < end
        if (event.tenant_id, event.metadata["pack"]) not in packs:
            outside[event.tenant_id] += 1
    assert outside == {"fjord-shipping": story.expectations["unpriced_events"]}


def test_metadata_names_things_of_the_catalogue(story: Demo) -> None:
    units = {row["business_unit_id"] for row in seed("business_units")}
    environments = Counter[str]()
    for event in story.intake.accepted.values():
        metadata = event.metadata
        feature = FEATURES[metadata["feature"]]
        assert metadata["pack"] == feature["pack_id"]
        assert metadata["capability"] == feature["capability_id"]
        assert metadata["actor_type"] in ("user", "service")
        assert (metadata.get("business_unit") in units) == (event.tenant_id == "summit-internal")
        environments[metadata["env"]] += 1
    share = {name: count / environments.total() for name, count in environments.items()}
    assert share == pytest.approx(
        {"production": 0.9, "staging": 0.07, "development": 0.03}, abs=0.01
    )


def test_deleted_bytes_never_exceed_the_bytes_written_before(story: Demo) -> None:
    stored: dict[tuple[object, ...], int] = defaultdict(int)
    deletions = 0
    for event in sorted(story.intake.accepted.values(), key=lambda e: e.at):
        if not event.fields["type"].startswith("evidence_"):
            assert "bytes" not in event.metadata
            continue
        size = int(event.metadata["bytes"])
        assert (size < 0) == (event.fields["type"] == "evidence_deleted")
        deletions += size < 0
        place = (
            event.tenant_id,
            event.fields["category"],
            event.metadata["env"],
            event.metadata.get("business_unit"),
        )
        stored[place] += size
        assert stored[place] >= 0
    assert deletions > 100
    assert sum(stored.values()) > 10**11


def test_one_component_inventory_a_tenant_and_day(story: Demo) -> None:
    events = story.intake.accepted.values()
    counts = Counter(
        (e.tenant_id, e.at.date()) for e in events if e.fields["type"] == "component_inventory"
    )
    assert set(counts.values()) == {1}
    assert set(counts) == {(e.tenant_id, e.at.date()) for e in events}


def test_each_months_format_and_each_days_connectors_land(story: Demo) -> None:
    folders = sorted((story.landing / "usage_events").iterdir())
    assert len(folders) == 424
    assert [folders[0].name, folders[-1].name] == [
        "landed=20250102T003000Z",
        "landed=20260301T003000Z",
    ]
    names: dict[str, set[str]] = defaultdict(set)
    for folder in folders:
        day = (landed_at(folder / "file") - timedelta(days=1)).date()
        assert (folder / "connectors.ndjson.gz").exists()
        names[f"{day:%Y-%m}"] |= {path.name for path in folder.glob("events*")}
    assert names.pop("2025-06") == {"events.ndjson"}
    assert names.pop("2025-09") == {"events.parquet"}
    assert set.union(*names.values()) == {"events.ndjson.gz"}


def test_gzip_files_carry_no_time_and_no_name(story: Demo) -> None:
    for path in story.landing.rglob("*.gz"):
        header = path.read_bytes()[:10]
        assert header[3] == 0
        assert header[4:8] == bytes(4)


def test_connectors_write_cloud_events_and_one_producer_writes_text_quantities(
    story: Demo,
) -> None:
    folder = story.landing / "usage_events" / "landed=20250204T003000Z"
    envelopes = [json.loads(line) for line in content(folder / "connectors.ndjson.gz").splitlines()]
    assert envelopes
    for envelope in envelopes:
        assert list(envelope) == ["id", "source", "specversion", "type", "subject", "time", "data"]
        assert envelope["type"] == "external_api_call"
        assert list(envelope["data"]) == ["category", "quantity", "metadata"]
    events = [json.loads(line) for line in content(folder / "events.ndjson.gz").splitlines()]
    texts = {event["type"] for event in events if isinstance(event["quantity"], str)}
    offsets = {event["timestamp"][23:]: event["tenant_id"] for event in events}
    assert texts == {"manual_effort_saved"}
    assert "external_api_call" not in {event["type"] for event in events}
    assert set(offsets) == {"Z", "+03:00"}
    assert offsets["+03:00"] == "dune-energy"


def test_cost_statements_add_up_to_the_expected_totals(story: Demo) -> None:
    assert len(story.costs) == story.expectations["focus_rows"]
    billed = as_decimals(story.expectations["focus_billed_total"])
    assert total(story.costs, "BilledCost") == billed
    months = Counter(row["landed"] for row in story.costs)
    assert len(months) == 14
    assert max(months) == "landed=20260305T060000Z"
    assert all(150 <= rows <= 400 for rows in months.values())


def test_only_the_planted_orphans_escape_every_mapping_rule(story: Demo) -> None:
    orphans = [
        row
        for row in story.costs
        if row["Tags"].get("service") not in SERVICES
        and row["Tags"].get("tenant_id") not in TENANTS
        and row["ProviderName"] != "Lumen Data"
        and row["ServiceName"] != "Support"
    ]
    expected = story.expectations
    assert len(orphans) == expected["orphan_cost_rows"]
    assert total(orphans, "BilledCost") == as_decimals(expected["orphan_billed_total"])
    assert total(orphans, "EffectiveCost") == as_decimals(expected["orphan_effective_total"])
    assert {row["Tags"].get("tenant_id") for row in orphans} == {"ghost-co", None}


def test_a_commitments_used_and_unused_hours_add_up_to_its_purchase(story: Demo) -> None:
    bought: dict[str, Decimal] = defaultdict(Decimal)
    spent: dict[str, Decimal] = defaultdict(Decimal)
    unused = 0
    for row in story.costs:
        if row["CommitmentDiscountId"] is None:
            continue
        if row["ChargeCategory"] == "Purchase":
            assert Decimal(row["EffectiveCost"]) == 0
            bought[row["file"]] += Decimal(row["BilledCost"])
        else:
            assert Decimal(row["BilledCost"]) == 0
            spent[row["file"]] += Decimal(row["EffectiveCost"])
            unused += row["CommitmentDiscountStatus"] == "Unused"
    assert bought == spent
    assert len(bought) == 14
    assert unused


def test_statements_keep_to_the_rules_of_their_format(story: Demo) -> None:
    for row in story.costs:
        if row["PricingQuantity"] and row["ListUnitPrice"]:
            quantity = Decimal(row["PricingQuantity"])
            assert quantity * Decimal(row["ListUnitPrice"]) == Decimal(row["ListCost"])
            assert quantity * Decimal(row["ContractedUnitPrice"]) == Decimal(row["ContractedCost"])
        assert (Decimal(row["BilledCost"]) < 0) == (row["ChargeCategory"] == "Credit")
        assert row["BillingPeriodStart"] <= row["ChargePeriodStart"] < row["ChargePeriodEnd"]
        assert row["ChargePeriodEnd"] <= row["BillingPeriodEnd"]
    aws, microsoft = (
        content(next(story.landing.glob(f"focus/*/{name}_2025-01.*"))).decode()
        for name in ("aws", "microsoft")
    )
    assert "NULL" in microsoft
    assert "NULL" not in aws


def test_a_clean_demo_plants_nothing(clean_story: Demo) -> None:
    expected, intake = clean_story.expectations, clean_story.intake
    assert intake.lines == len(intake.accepted) == expected["accepted"] == expected["usage_lines"]
    assert not intake.rejected
    for event in intake.accepted.values():
        assert event.fields["quantity"] > 0
        assert event.landed_at - event.at <= timedelta(hours=48)
    counts = Counter((e.tenant_id, e.at.date()) for e in intake.accepted.values())
    assert counts["acme-robotics", date(2025, 10, 14)] < 200
    nothing = ("duplicates", "rejected", "late_events", "compensating_events", "unpriced_events")
    absent = ("zero_quantity_events", "surges", "negative_margin_tenants", "orphan_cost_rows")
    assert not any(expected[name] for name in (*nothing, *absent))
    assert not any(row["Tags"].get("tenant_id") == "ghost-co" for row in clean_story.costs)


def test_trouble_changes_no_ordinary_event(story: Demo, clean_story: Demo) -> None:
    ordinary = {
        key: event.fields
        for key, event in story.intake.accepted.items()
        if not re.search(r"-p\d+$", key) and not key.startswith("evt-20251014-01-")
    }
    untroubled = {
        key: event.fields
        for key, event in clean_story.intake.accepted.items()
        if not key.startswith("evt-20251014-01-")
    }
    assert ordinary.keys() == untroubled.keys()
    assert ordinary == untroubled


def test_a_folder_with_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(MeterhouseError, match="new or empty"):
        write_demo(tmp_path, progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_scale_below_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MeterhouseError, match="1 or more"):
        write_demo(tmp_path / "landing", scale=0, progress=False)


def test_a_run_that_breaks_off_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "_write_batch", break_off)
    with pytest.raises(KeyboardInterrupt):
        write_demo(tmp_path / "landing", progress=False)
    assert list(tmp_path.iterdir()) == []

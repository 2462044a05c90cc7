"""Batches that land one after the other, in any order, and builds that are killed."""

import os
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from python_ext import catalogue, replay
from python_ext.backfill import backfill, parse_range
from python_ext.errors import MeterhouseError
from python_ext.runner import Scope
from tests.scenarios.conftest import BILLED, Warehouse, event

METERED = Scope(select=("+fct_meter_readings", "+fct_rejected_events"), is_checked=False)
STAMPS = ("20260305T100000Z", "20260306T100000Z", "20260401T020000Z", "20260402T020000Z")
READINGS = (
    "select tenant_id, meter_id, dimensions_key, period_start_at, sequence, quantity,"
    " delta_quantity, event_count, events_digest, known_from_at, reason, is_current"
    " from fct_meter_readings order by all"
)


def usage(name: str, **changes: Any) -> dict[str, Any]:
    """An event that a sum, a count of users, a level and a maximum can all be made of."""
    return event(
        name, **{"metadata": {"actor_type": "user", "actor_id": name, "bytes": 10}} | changes
    )


def batches() -> list[list[dict[str, Any]]]:
    """Four batches with late events, copies, conflicts and corrections across them."""
    return [
        [
            usage("a", quantity=5),
            usage("b", timestamp="2026-03-04T10:30:00Z"),
            usage("stored", type="evidence_written"),
            usage("undo_before", quantity=-2, metadata={"corrects_event_id": "late"}),
        ],
        [
            usage("a", quantity=5),
            usage("b", timestamp="2026-03-04T10:30:00Z", quantity=9),
            usage("late", quantity=3, timestamp="2026-03-04T10:45:00Z"),
            usage("undo", quantity=-5, metadata={"corrects_event_id": "a"}),
            usage("stock", category="platform", type="component_inventory", quantity=7),
        ],
        [
            usage("c", timestamp="2026-03-31T23:59:59Z"),
            usage(
                "stock_2",
                category="platform",
                type="component_inventory",
                quantity=9,
                timestamp="2026-03-04T12:00:00Z",
            ),
        ],
        [
            usage("very_late", timestamp="2026-03-04T10:59:00Z", quantity="0.000000001"),
            usage("stored_late", type="evidence_written", timestamp="2026-03-02T00:00:00Z"),
            usage(
                "undo_stock",
                category="platform",
                type="component_inventory",
                quantity=-9,
                metadata={"corrects_event_id": "stock_2"},
            ),
        ],
    ]


def land(warehouse: Warehouse, number: int, name: str = "events.ndjson") -> None:
    warehouse.land(f"landed={STAMPS[number]}/{name}", *batches()[number])


def at_once(folder: Path) -> Warehouse:
    """All batches of `batches`, landed before the first build."""
    whole = Warehouse(folder)
    for number in range(len(STAMPS)):
        land(whole, number)
    whole.build()
    return whole


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return at_once(tmp_path_factory.mktemp("whole"))


def assert_same(parts: Warehouse, whole: Warehouse) -> None:
    """Every shared table of `parts` is what it is in `whole`."""
    digests, expected = parts.digests(), whole.digests()
    assert "fct_invoice_lines" in digests
    assert digests == {table: expected.get(table) for table in digests}
    assert parts.query(READINGS) == whole.query(READINGS)


@pytest.mark.parametrize(
    ("order", "scope"),
    [((0, 1, 2, 3), BILLED), ((3, 1, 0, 2), Scope())],  # what comes after bills reads only that
)
def test_batches_built_as_they_arrive_make_the_tables_of_one_build(
    whole: Warehouse, tmp_path: Path, order: tuple[int, ...], scope: Scope
) -> None:
    parts = Warehouse(tmp_path)
    for number in order:
        land(parts, number)
        parts.build(scope=METERED)
    parts.build(scope=scope)
    assert_same(parts, whole)


def test_a_late_batch_appends_a_sequence_with_its_delta(whole: Warehouse) -> None:
    rows = whole.query(
        "select sequence, quantity, delta_quantity, reason, cast(known_from_at as varchar)"
        " from fct_meter_readings where meter_id = 'meter:policy_decisions'"
        " and period_start_at = '2026-03-04 10:00:00' order by sequence"
    )
    assert [(row[0], str(row[1]), str(row[2]), *row[3:]) for row in rows] == [
        (1, "4.000000000", "4.000000000", "window_ended", "2026-03-05 10:00:00"),
        (2, "2.000000000", "-2.000000000", "correction", "2026-03-06 10:00:00"),
        (3, "2.000000001", "1E-9", "late_events", "2026-04-02 02:00:00"),
    ]


def test_what_was_known_at_a_time_can_be_asked(whole: Warehouse) -> None:
    known = whole.query(
        "select max_by(quantity, sequence) from fct_meter_readings"
        " where meter_id = 'platform.components' and known_from_at <= '2026-04-01 12:00:00'"
    )
    now = whole.query(
        "select quantity from fct_meter_readings"
        " where meter_id = 'platform.components' and is_current"
    )
    assert (known, now) == ([(9,)], [(7,)])


def test_a_build_with_nothing_new_changes_nothing(whole: Warehouse) -> None:
    before = whole.query(READINGS), whole.digests()
    whole.build()
    assert (whole.query(READINGS), whole.digests()) == before


def test_open_windows_show_what_their_reading_will_be(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    warehouse.land("landed=20260304T103000Z/a.ndjson", usage("a", quantity=5))
    warehouse.build(scope=Scope(select=("+fct_meter_readings_to_date",), is_checked=False))
    look = (
        "select is_provisional, quantity, event_count from fct_meter_readings_to_date"
        " where meter_id = 'meter:policy_decisions'"
    )
    assert warehouse.query(look) == [(True, 5, 1)]
    assert warehouse.query("select count(*) from fct_meter_readings") == [(0,)]
    warehouse.land("landed=20260304T120000Z/b.ndjson", usage("b", timestamp="2026-03-04T11:30:00Z"))
    warehouse.build(scope=Scope(select=("+fct_meter_readings_to_date",), is_checked=False))
    assert warehouse.query(look + " and quantity = 5") == [(False, 5, 1)]


def test_a_landed_file_that_changed_stops_the_build(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    land(warehouse, 0)
    warehouse.build(scope=METERED)
    path = warehouse.land(f"landed={STAMPS[0]}/events.ndjson", usage("other"))
    result = warehouse.try_build(scope=METERED)
    (failure,) = [failure for failure in result.failures if failure.kind == "error"]
    assert str(path) in failure.message
    assert "changed after it was built" in failure.message


def test_a_broken_file_that_was_never_built_may_be_replaced(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    land(warehouse, 0, "events.ndjson.gz")
    path = warehouse.settings.landing / f"usage_events/landed={STAMPS[0]}/events.ndjson.gz"
    whole_file = path.read_bytes()
    path.write_bytes(whole_file[:-9])
    assert not warehouse.try_build(scope=METERED).success
    path.write_bytes(whole_file)
    warehouse.build(scope=METERED)
    assert warehouse.query("select count(*) from fct_usage_events") == [(4,)]


def test_a_second_build_at_once_is_refused_and_harms_nothing(whole: Warehouse) -> None:
    before = whole.digests()
    code = (
        "import duckdb, sys, time; connection = duckdb.connect(sys.argv[1]);"
        "print('open', flush=True); time.sleep(60)"
    )
    database = str(whole.settings.database)
    with subprocess.Popen([sys.executable, "-c", code, database], stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        with pytest.raises(MeterhouseError, match="another build is using it"):
            whole.build()
        other.kill()
    assert whole.digests() == before


def with_all_aggregations(warehouse: Warehouse) -> Path:
    """Seeds with a meter of each aggregation for inventories, by the month, in thirds, rounded."""
    seeds = warehouse.settings.root / "seeds"
    (overlay := warehouse.folder / "catalogue").mkdir()
    lines = (seeds / "catalogue" / "meters.csv").read_text().splitlines()
    stock = next(line for line in lines if line.startswith("platform.components,"))
    for aggregation, field, percentile, base in [
        *((name, "quantity", "", "1d") for name in ("sum", "min", "latest")),
        *((name, "quantity", "", "1h") for name in ("sum_of_maxima", "sum_prorated")),
        ("time_weighted", "quantity", "", "1d"),
        ("percentile", "quantity", "50", "1d"),
        ("count", "event", "", "1d"),
        ("count_distinct", "actor_id", "", "1d"),
        ("count_distinct_prorated", "actor_id", "", "1d"),
    ]:
        old = "quantity,max,,,1d,month,components,,,,,"
        new = f"{field},{aggregation},{percentile},,{base},month,components,2,3,ceil,1,"
        assert old in stock
        name = f"stock.{aggregation}"
        lines.append(stock.replace(old, new).replace("platform.components", name))
    (overlay / "meters.csv").write_text("\n".join(lines) + "\n")
    return catalogue.lay_over(seeds, overlay, warehouse.settings.root / ".catalogue")


def test_open_windows_of_every_aggregation_show_what_their_reading_will_be(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    laid, scope = (
        with_all_aggregations(warehouse),
        Scope(select=("+fct_meter_readings_to_date",), is_checked=False),
    )

    def stock(name: str, quantity: int, day: int, hour: int = 9, **more: Any) -> dict[str, Any]:
        instant = f"2026-03-{day:02}T{hour:02}:20:00Z"
        kind = {"category": "platform", "type": "component_inventory", "timestamp": instant}
        who = {"actor_id": f"u{quantity}", "bytes": 100} | more
        return event(name, quantity=quantity, metadata=who, **kind)

    february = stock("before", 3, 1) | {"timestamp": "2026-02-27T01:00:00Z"}
    warehouse.land("landed=20260228T100000Z/a.ndjson", february)
    warehouse.build(laid, scope)
    warehouse.land(
        "landed=20260306T100000Z/b.ndjson",
        *(stock(f"s{number}", number, number, 7 + number % 2) for number in range(1, 6)),
        stock("again", 5, 4),
        stock("gone", -2, 5, corrects_event_id="s2"),
        stock("less", -1, 6, corrects_event_id="s5"),
        *batches()[0],
    )
    warehouse.build(laid, scope)
    look = (
        "select tenant_id, meter_id, dimensions_key, period_start_at, quantity, event_count"
        " from fct_meter_readings_to_date where {} order by all"
    )
    shown = warehouse.query(look.format("is_provisional"))
    assert {row[1] for row in shown} >= {"platform.components", "companyos.evidence_gb_month"}
    assert len({row[1] for row in shown if row[1].startswith("stock.")}) == 10
    assert (
        warehouse.query(look.format("not is_provisional and period_start_at >= '2026-03-06'")) == []
    )
    warehouse.land("landed=20260401T020000Z/c.ndjson", event("x", timestamp="2026-03-31T23:00:00Z"))
    warehouse.build(laid, scope)
    read = warehouse.query(look.format("not is_provisional"))
    assert [row for row in shown if row not in read] == []


def test_any_key_of_the_metadata_can_be_counted_distinct(tmp_path: Path) -> None:
    """Ann's three sessions in March, one of them taken back in April, each on one day or more."""
    warehouse = Warehouse(tmp_path)
    seeds = warehouse.settings.root / "seeds"
    (overlay := tmp_path / "catalogue").mkdir()
    header, *meters = (seeds / "catalogue" / "meters.csv").read_text().splitlines()
    users = next(row for row in meters if row.startswith("companyos.switchboard_active_users,"))
    assert "count_distinct,,," in users
    sessions = users.replace("count_distinct,,,", "count_distinct,,session,").replace("_users", "")
    (overlay / "meters.csv").write_text("\n".join([header, *meters, sessions]) + "\n")
    laid = catalogue.lay_over(seeds, overlay, warehouse.settings.root / ".catalogue")

    def session(name: str, day: int, **metadata: str) -> dict[str, Any]:
        who = {"actor_type": "user", "actor_id": "ann"} | metadata
        stamp = f"2026-03-{day:02}T10:00:00Z"
        return event(name, type="switchboard_session", timestamp=stamp, metadata=who)

    look = (
        "select sequence, quantity, event_count, reason from fct_meter_readings"
        " where meter_id = 'companyos.switchboard_active' order by sequence"
    )
    warehouse.land(
        "landed=20260401T020000Z/events.ndjson",
        session("a", 3, session="s1"),
        session("b", 4, session="s1 "),
        session("c", 4, session="s2"),
        session("d", 5, session="s3"),
        session("without", 5),
    )
    warehouse.build(laid, METERED)
    assert warehouse.query(look) == [(1, 3, 4, "window_ended")]
    back = session("back", 31, session="s2", corrects_event_id="c") | {"quantity": -1}
    warehouse.land("landed=20260402T020000Z/events.ndjson", back)
    views = ("+fct_meter_readings_to_date", "+fct_meter_reading_events")
    warehouse.build(laid, Scope(select=views, is_checked=False))
    assert warehouse.query(look)[1:] == [(2, 2, 5, "correction")]
    assert warehouse.query(
        "select string_agg(event_id, ',' order by event_id) from fct_meter_reading_events"
        " inner join fct_meter_readings using (reading_id)"
        " where meter_id = 'companyos.switchboard_active'"
    ) == [("a,b,back,c,d",)]
    assert warehouse.query(
        "select max(quantity) from fct_meter_readings"
        " where meter_id = 'companyos.switchboard_active_users'"
    ) == [(1,)]


def test_a_changed_definition_is_carried_into_a_range_and_then_no_further(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    for number in range(len(STAMPS)):
        land(warehouse, number)
    warehouse.build(scope=METERED)
    seeds = warehouse.settings.root / "seeds"
    overlay = tmp_path / "catalogue"
    overlay.mkdir()
    text = (seeds / "catalogue" / "meters.csv").read_text()
    old = "meter:policy_decisions,Policy decisions,,policy_decision,,,,,,quantity,sum,"
    assert old in text
    (overlay / "meters.csv").write_text(
        text.replace(old, old.replace("quantity,sum", "event,count"))
    )
    laid = catalogue.lay_over(seeds, overlay, warehouse.settings.root / ".catalogue")
    march = parse_range("2026-03-04", "2026-03-05T00:00:00Z", "meter:policy_decisions")
    quiet = Console(file=StringIO())
    (change,) = backfill(warehouse.settings, laid, march, quiet)
    assert (change.meter_id, change.reading_count) == ("meter:policy_decisions", 1)
    assert backfill(warehouse.settings, laid, march, quiet) == []
    assert warehouse.query(
        "select sequence, quantity, reason from fct_meter_readings where is_current"
        " and meter_id = 'meter:policy_decisions' and period_start_at = '2026-03-04 10:00:00'"
    ) == [(4, 3, "redefined")]


def test_lines_refused_for_a_missing_tenant_are_landed_again_once_it_is_there(
    tmp_path: Path,
) -> None:
    warehouse = Warehouse(tmp_path)
    warehouse.land(
        f"landed={STAMPS[0]}/a.ndjson", usage("a"), usage("new", tenant_id="newcomer"), "{"
    )
    warehouse.build(scope=METERED)
    seeds = warehouse.settings.root / "seeds"
    place = warehouse.settings.landing, warehouse.settings.database
    assert replay.replay_rejected(*place, seeds, None) is None
    overlay = tmp_path / "catalogue"
    overlay.mkdir()
    text = (seeds / "catalogue" / "tenants.csv").read_text()
    acme = next(line for line in text.splitlines() if line.startswith("acme-robotics,"))
    (overlay / "tenants.csv").write_text(text + acme.replace("acme-robotics", "newcomer") + "\n")
    laid = catalogue.lay_over(seeds, overlay, warehouse.settings.root / ".catalogue")
    done = replay.replay_rejected(*place, laid, None)
    assert done
    assert (done[1], "landed=20260305T100001Z" in str(done[0])) == (1, True)
    assert replay.replay_rejected(*place, laid, None) is None
    warehouse.build(laid, METERED)
    accepted = warehouse.query("select event_id from fct_usage_events order by 1")
    assert accepted == [("a",), ("new",)]


@pytest.mark.parametrize("seconds", [0.6, 1.6, 2.6])
def test_a_build_that_is_killed_is_finished_by_the_next(
    whole: Warehouse, tmp_path: Path, seconds: float
) -> None:
    killed = Warehouse(tmp_path)
    land(killed, 0)
    land(killed, 3)
    killed.build(scope=METERED)
    land(killed, 1)
    land(killed, 2)
    log = tmp_path / "started"
    code = (
        "import sys; from pathlib import Path; from tests.scenarios.conftest import Warehouse;"
        "from tests.scenarios.test_increments import METERED; Path(sys.argv[2]).touch();"
        "Warehouse(Path(sys.argv[1])).build(scope=METERED)"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path), str(log)]
    environment = {**os.environ, "PYTHONPATH": str(killed.settings.root)}
    with subprocess.Popen(arguments, cwd=killed.settings.root, env=environment) as child:
        while not log.exists():
            assert child.poll() is None
            time.sleep(0.02)
        # The project is parsed first; it is the models that are to be killed.
        before = killed.settings.database.stat().st_mtime_ns
        while killed.settings.database.stat().st_mtime_ns == before and not list(
            tmp_path.glob("*.wal")
        ):
            assert child.poll() is None
            time.sleep(0.02)
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    killed.build(scope=BILLED)
    assert_same(killed, whole)

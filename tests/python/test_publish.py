"""What readers get: the marts only, whole, and never a file that is being written."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from python_ext.errors import MeterhouseError
from python_ext.publish import publish, unqualify


def make(path: Path, *statements: str) -> Path:
    """Make a database file, as dbt would: relations are named with their catalogue."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(duckdb.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(duckdb.connect(path, read_only=True)) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return make(
        tmp_path / "meterhouse.duckdb",
        "create table fct_usage_events as select 'e' || range as event_id, 'm' as meter_id"
        " from range(3)",
        "create table fct_meter_readings as select 'r1' as reading_id, 'm' as meter_id",
        "create table int_metering__selectors_matched as select 'm' as meter_id",
        "create view dim_meters as select 'm' as meter_id, 1.10::decimal(16, 9) as price",
        "create table rpt_empty (amount decimal(38, 12))",
        "create table exc_found as select 1 as one",
        "create table stg_catalogue__meters as select 1 as one",
        "create table int_secret as select 1 as one",
        "create view fct_meter_reading_events as ("
        ' with readings as (select * from "meterhouse"."main"."fct_meter_readings"),'
        " selectors as (select * from meterhouse.main.int_metering__selectors_matched)"
        " select reading_id, event_id, 'meterhouse.main.x' as note from readings"
        " join selectors using (meter_id)"
        ' join "meterhouse"."main"."fct_usage_events" using (meter_id))',
    )


def test_marts_are_published_as_tables_and_nothing_else(database: Path, tmp_path: Path) -> None:
    path = publish(database, tmp_path / "published")
    assert path == tmp_path / "published" / "meterhouse.duckdb"
    tables = "select table_name, table_type from information_schema.tables order by 1"
    assert query(path, tables) == [
        ("dim_meters", "BASE TABLE"),
        ("exc_found", "BASE TABLE"),
        ("fct_meter_reading_events", "VIEW"),
        ("fct_meter_readings", "BASE TABLE"),
        ("fct_usage_events", "BASE TABLE"),
        ("int_metering__selectors_matched", "BASE TABLE"),  # what the view reads comes with it
        ("rpt_empty", "BASE TABLE"),
    ]
    assert query(path, "select typeof(price), price::varchar from dim_meters") == [
        ("DECIMAL(16,9)", "1.100000000")
    ]


def test_the_view_reads_the_published_tables_under_any_name(database: Path, tmp_path: Path) -> None:
    path = publish(database, tmp_path / "published")
    database.unlink()
    rows = [("r1", f"e{number}", "meterhouse.main.x") for number in range(3)]
    assert query(path, "select * from fct_meter_reading_events order by all") == rows
    with closing(duckdb.connect()) as connection:
        connection.execute(f"attach '{path}' as another (read_only)")
        found = connection.execute("select * from another.fct_meter_reading_events order by all")
        assert found.fetchall() == rows


@pytest.mark.parametrize("name", ["other-name.duckdb", "meterhouse_published.duckdb", "it's.db"])
def test_the_database_may_have_any_name(tmp_path: Path, name: str) -> None:
    stem = Path(name).stem
    database = make(
        tmp_path / name,
        "create table fct_one as select 1 as one",
        f'create view fct_meter_reading_events as select * from "{stem}".main.fct_one',
    )
    path = publish(database, tmp_path / "published")
    assert query(path, "from fct_meter_reading_events") == [(1,)]


def test_a_view_that_reads_elsewhere_is_refused_and_the_former_file_stays(
    database: Path, tmp_path: Path
) -> None:
    path = publish(database, tmp_path / "published")
    make(
        database,
        "create schema aside",
        "create table aside.t as select 1 as one",
        "create or replace view fct_meter_reading_events as select * from meterhouse.aside.t",
        "create table fct_new as select 1 as one",
    )
    with pytest.raises(MeterhouseError, match="cannot be published"):
        publish(database, tmp_path / "published")
    assert query(path, "select count(*) from fct_meter_reading_events") == [(3,)]
    assert [each.name for each in path.parent.iterdir() if not each.name.startswith(".lock")] == [
        "meterhouse.duckdb"
    ]


@pytest.mark.parametrize("statements", [(), ("create table stg_only as select 1 as one",)])
def test_a_database_without_marts_is_refused(tmp_path: Path, statements: tuple[str, ...]) -> None:
    database = make(tmp_path / "meterhouse.duckdb", *statements)
    with pytest.raises(MeterhouseError, match="no mart"):
        publish(database, tmp_path / "published")
    assert not (tmp_path / "published" / "meterhouse.duckdb").exists()


def test_a_database_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MeterhouseError, match="meterhouse build"):
        publish(tmp_path / "none.duckdb", tmp_path / "published")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.duckdb").write_text("not a database, but long enough to be looked at" * 100)
    with pytest.raises(MeterhouseError, match="cannot be published"):
        publish(tmp_path / "text.duckdb", tmp_path / "published")


READER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
print("open", flush=True)
sys.stdin.readline()
print(connection.execute("select count(*) from fct_usage_events").fetchone()[0])
"""

HOLDER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.readline()
"""


def start(script: str, path: Path) -> subprocess.Popen[str]:
    """Start another process that opens `path`, and return once it has."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=pipe, stdout=pipe, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def test_a_reader_keeps_the_former_file_while_the_next_is_published(
    database: Path, tmp_path: Path
) -> None:
    path = publish(database, tmp_path / "published")
    reader = start(READER, path)
    make(database, "insert into fct_usage_events values ('e9', 'm')")
    publish(database, tmp_path / "published")
    answer, _ = reader.communicate("go on\n", timeout=60)
    assert answer == "3\n"
    assert query(path, "select count(*) from fct_usage_events") == [(4,)]


def test_a_build_is_not_blocked_by_a_reader_of_the_published_file(
    database: Path, tmp_path: Path
) -> None:
    reader = start(READER, publish(database, tmp_path / "published"))
    writer = start(HOLDER, database)
    for process in (writer, reader):
        process.communicate("go on\n", timeout=60)
        assert process.returncode == 0


def test_a_database_that_a_build_has_open_is_refused(database: Path, tmp_path: Path) -> None:
    writer = start(HOLDER, database)
    with pytest.raises(MeterhouseError, match=r"(?i)wait for the build"):
        publish(database, tmp_path / "published")
    writer.communicate("go on\n", timeout=60)


def test_what_a_killed_publish_left_is_removed_by_the_next(database: Path, tmp_path: Path) -> None:
    leftover = tmp_path / "published" / ".publishing-killed"
    leftover.mkdir(parents=True)
    (leftover / "meterhouse_published.duckdb").write_bytes(b"half a file")
    path = publish(database, tmp_path / "published")
    assert sorted(each.name for each in path.parent.iterdir()) == [".lock", "meterhouse.duckdb"]


def test_published_files_hold_the_same_rows_in_the_same_order(
    database: Path, tmp_path: Path
) -> None:
    one, two = (publish(database, tmp_path / name) for name in ("one", "two"))
    tables = "select table_name from duckdb_tables() order by table_oid"
    assert query(one, tables) == query(two, tables) == sorted(query(one, tables))
    assert query(one, "from fct_usage_events") == query(two, "from fct_usage_events")


def test_a_catalogue_name_is_taken_off_relations_and_left_in_text() -> None:
    sql = (
        """select 'a.main.x' from a.main.one join "a"."main"."t""wo" join b.a.main.c on ba.main.d"""
    )
    shortened, relations = unqualify(sql, "a")
    assert shortened == """select 'a.main.x' from one join "t""wo" join b.a.main.c on ba.main.d"""
    assert relations == {"one", 't"wo'}


def test_the_published_file_may_be_read_by_others(database: Path, tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        path = publish(database, tmp_path / "published")
    finally:
        os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o644

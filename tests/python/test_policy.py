"""What landed about decisions, and the audit feed that comes out."""

import json
from contextlib import closing
from decimal import Decimal
from io import StringIO
from pathlib import Path

import duckdb
import pytest

from python_ext import audit, landing
from python_ext.errors import MeterhouseError
from python_ext.policy import landed_decision_ids

STAMPED = "landed=20260305T100000Z"
FEED = """
    create table rpt_audit_feed as
    select * from (values
        ('actions:b', 'grant_credit', true,
            12345678901234567890123456.000000000001::decimal(38, 12),
            timestamp '2026-03-04 10:00:00.5', date '2026-03-01', 7::bigint, 'Zoë'),
        ('actions:a', 'grant_credit', false, 100.000000000000::decimal(38, 12),
            timestamp '2026-03-04 10:00:00.5', null, null, null),
        ('contracts:c', 'amend_contract', true, null,
            timestamp '2025-01-01', null, null, null)
    ) as feed (act_id, action, is_in_force, act_amount, acted_at, day, line_number, actor_id)
"""


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def published(tmp_path: Path) -> Path:
    path = tmp_path / "meterhouse.duckdb"
    with closing(duckdb.connect(path)) as connection:
        connection.execute(FEED)
    return path


def test_ids_of_decisions_are_read_and_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, f"usage_events/{STAMPED}/a.ndjson", '{"id": "e1"}\n')
    put(tmp_path, f"actions/{STAMPED}/a.ndjson", '{"id": "a1"}\n')
    put(
        tmp_path,
        f"policy_decisions/{STAMPED}/a.ndjson",
        '{"id": "d1"}\n\n{"id": 2}\n[1]\n{"id"\n{"at": "x"}\n{"id": "d2"}',
    )
    assert landed_decision_ids(tmp_path) == {"d1", "d2"}


def test_decisions_and_actions_are_in_the_ledger_and_other_formats_are_refused(
    tmp_path: Path,
) -> None:
    for folder in ("actions", "policy_decisions"):
        put(tmp_path, f"{folder}/{STAMPED}/a.ndjson", "{}\n")
    known = landing.take_stock(tmp_path, None, None)
    ledger = known.to_pylist()
    assert {row["source_folder"] for row in ledger} == {"actions", "policy_decisions"}
    path = put(tmp_path, f"actions/{STAMPED}/a.csv", "id\n")
    with pytest.raises(MeterhouseError, match=r"a file in actions/ ends in one of \.ndjson"):
        landing.take_stock(tmp_path, None, None)
    path.unlink()
    put(tmp_path, f"policy_decisions/{STAMPED}/a.ndjson", '{"id": "another"}\n')
    with pytest.raises(MeterhouseError, match="changed after it was built"):
        landing.take_stock(tmp_path, None, known)


def test_the_feed_is_ordered_and_its_decimals_are_exact(published: Path) -> None:
    written = StringIO()
    assert audit.write(published, written) == 3
    first, second, third = written.getvalue().splitlines()
    assert [json.loads(line)["act_id"] for line in (first, second, third)] == [
        "contracts:c",
        "actions:a",
        "actions:b",
    ]
    assert json.loads(third) == {
        "act_id": "actions:b",
        "action": "grant_credit",
        "is_in_force": True,
        "act_amount": "12345678901234567890123456.000000000001",
        "acted_at": "2026-03-04T10:00:00.500000Z",
        "day": "2026-03-01",
        "line_number": 7,
        "actor_id": "Zoë",
    }
    assert json.loads(second)["act_amount"] == "100"
    assert Decimal(json.loads(third)["act_amount"]) == Decimal(
        "12345678901234567890123456.000000000001"
    )
    again = StringIO()
    audit.write(published, again)
    assert again.getvalue() == written.getvalue()


@pytest.mark.parametrize("is_there", [False, True])
def test_without_a_feed_the_error_names_the_file_and_the_remedy(
    tmp_path: Path, is_there: bool
) -> None:
    path = tmp_path / "meterhouse.duckdb"
    if is_there:
        duckdb.connect(path).close()
    with pytest.raises(MeterhouseError) as refusal:
        audit.write(path, StringIO())
    assert str(path) in str(refusal.value)
    assert refusal.value.remedy

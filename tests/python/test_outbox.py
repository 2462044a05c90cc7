"""The outbox never forgets what went out, and serves one process and one destination."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from python_ext import export_stripe
from python_ext.errors import MeterhouseError
from python_ext.outbox import Outbox, State
from tests.python.documents import document

AT = datetime(2026, 4, 3, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


def test_states_survive_closing(file: Path) -> None:
    requests = export_stripe.plan([document()]).requests
    with Outbox(file, "here") as outbox:
        assert outbox.add(requests) == 4
        outbox.mark_sent("customer:borealis", "/v1/customers", {"name": "B"}, AT, 2)
        outbox.mark_sent("invoice:d1", "/v1/invoices", {}, AT, 1)
        outbox.mark_delivered("invoice:d1", "in_1")
    with Outbox(file, "here") as outbox:
        states = [entry.state for entry in outbox.entries()]
        assert states == [State.SENT, State.DELIVERED, State.PENDING, State.PENDING]
        sent = outbox.entries(State.SENT)[0]
        assert (sent.attempt, sent.first_sent_at, sent.sent_params) == (2, AT, {"name": "B"})
        assert outbox.remote_ids() == {"invoice:d1": "in_1"}
        assert [entry.request for entry in outbox.entries()] == list(requests)
        assert len(outbox.unfinished()) == 3


def test_what_is_known_is_not_added_again(file: Path) -> None:
    with Outbox(file, "here") as outbox:
        outbox.add(export_stripe.plan([document()]).requests)
        assert outbox.add(export_stripe.plan([document(), document("d2")]).requests) == 3


def test_a_document_that_changed_is_refused_and_nothing_of_it_is_added(file: Path) -> None:
    with Outbox(file, "here") as outbox:
        outbox.add(export_stripe.plan([document()]).requests)
        changed = [document(memo_reason="changed"), document("a")]
        with pytest.raises(MeterhouseError, match="document with another digest"):
            outbox.add(export_stripe.plan(changed).requests)
        assert len(outbox.entries()) == 4


def test_what_arrived_is_not_sent_again(file: Path) -> None:
    with Outbox(file, "here") as outbox:
        outbox.add(export_stripe.plan([document()]).requests)
        outbox.mark_delivered("invoice:d1", "in_1")
        outbox.mark_sent("invoice:d1", "/v1/invoices", {}, AT, 1)
        assert outbox.remote_ids() == {"invoice:d1": "in_1"}


def test_one_process_at_a_time(file: Path) -> None:
    with Outbox(file, "here") as outbox:
        outbox.add(())
        with pytest.raises(MeterhouseError, match="cannot be opened"), Outbox(file, "here"):
            pass
    with Outbox(file, "here"):
        pass


def test_one_destination(file: Path) -> None:
    with Outbox(file, "here"):
        pass
    with pytest.raises(MeterhouseError, match="belongs to here, not to there"):
        Outbox(file, "there").__enter__()


def test_a_file_that_is_no_outbox_is_refused(file: Path) -> None:
    file.write_text("something else that is long enough to be read as a header of a file" * 99)
    with pytest.raises(MeterhouseError, match="is no outbox"):
        Outbox(file, "here").__enter__()


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MeterhouseError, match="cannot be opened"):
        Outbox(tmp_path / "gone" / "outbox", "here").__enter__()


def test_writing_waits_for_the_disk(file: Path) -> None:
    with Outbox(file, "here") as outbox:
        assert outbox._db.execute("pragma synchronous").fetchone() == (3,)
    with sqlite3.connect(file) as connection:
        assert connection.execute("select name from destination").fetchall() == [("here",)]

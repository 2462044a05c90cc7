"""Pushing to Stripe: everything arrives once, whatever fails; the server keeps Stripe's rules."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from python_ext import export_stripe, outbox
from python_ext.errors import MeterhouseError
from python_ext.export_stripe import KEY_NAME, Plan
from python_ext.issued_documents import Document
from python_ext.outbox import Outbox, State
from python_ext.push_stripe import Pace, Pusher
from tests.python.documents import body, document, line, memo
from tests.python.stripe_server import Fault, Stripe, serve

VOIDED = datetime(2026, 6, 1, tzinfo=UTC)
QUICK = Pace(timeout=0.3, tries=4, first_pause=0.01)
DONE = ("500_done", "hang_done", "drop_done")
FAULTS = ("429", "409", "500", "hang", *DONE)


class Clock:
    """A clock that only moves when somebody sleeps or it is set."""

    def __init__(self) -> None:
        self.at = datetime(2026, 4, 3, tzinfo=UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@pytest.fixture(autouse=True, scope="module")
def _no_waiting_for_the_disk() -> Iterator[None]:
    """A process that dies loses nothing that it wrote; only a power cut asks for more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "SYNCHRONOUS", "off")
        yield


@pytest.fixture
def account() -> Iterator[Stripe]:
    with serve() as served:
        yield served


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox_file(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite"


def story() -> list[Document]:
    """Two invoices, one with applied credit and voided, a debit memo, and a credit memo."""
    priced = line(1, "2.00", quantity="500", unit_price="0.004")
    halves = line(2, "1.20", quantity="2.5", unit_price="0.48")
    return [
        document("d1", [priced, halves], {"0.19": "0.61"}),
        document("d2", [line(1, "5.00", "d2")], credits_applied_amount="1.50"),
        document("d3", document_kind="debit_memo", invoice_id="i-d1"),
        memo("m1", "i-d1", ["-0.50", "-0.70"]),
    ]


def story_plan() -> Plan:
    return export_stripe.plan(story(), {"d2": VOIDED})


def push(account: Stripe, file: Path, plan: Plan, clock: Clock) -> int:
    """Push a plan; returns how many requests arrived now."""
    with Outbox(file, account.address) as opened:
        opened.add(plan.requests)
        pusher = Pusher("sk_test_1", account.address, QUICK, clock.sleep, clock.now)
        return pusher.push(opened).delivered


def assert_story_told(account: Stripe) -> None:
    """All of `story` is there, once, with the totals that were issued."""
    assert {each["number"]: (each["status"], each["total"]) for each in account.all("invoice")} == {
        "EU-d1": ("open", 381),
        "EU-d2": ("void", 500),
        "EU-d3": ("open", 320),
    }
    assert len(account.all("invoice")) == 3
    assert account.all("invoice")[0]["amount_remaining"] == 381 - 120
    assert sorted(each["amount"] for each in account.all("invoiceitem")) == [61, 120, 200, 320, 500]
    assert [each["total"] for each in account.all("credit_note")] == [120]
    assert [each["balance"] for each in account.all("customer")] == [{"eur": 0}]
    assert len(account.all("customer_balance_transaction")) == 2
    assert set(account.executed.values()) == {1}, "nothing was done twice"


def test_everything_arrives_and_a_second_push_sends_nothing(
    account: Stripe, outbox_file: Path, clock: Clock
) -> None:
    plan = story_plan()
    assert push(account, outbox_file, plan, clock) == len(plan.requests)
    assert_story_told(account)
    sent = len(account.posts)
    assert sent == len(plan.requests)
    assert push(account, outbox_file, plan, clock) == 0
    assert len(account.posts) == sent


def test_each_thing_at_stripe_leads_back_to_us(
    account: Stripe, outbox_file: Path, clock: Clock
) -> None:
    push(account, outbox_file, story_plan(), clock)
    for thing in account.things.values():
        assert KEY_NAME in thing["metadata"]
        assert thing["metadata"].keys() & {"document_id", "tenant_id"}


@pytest.mark.parametrize("what", FAULTS)
@pytest.mark.parametrize(
    "path",
    [
        "/v1/customers",
        "/v1/customers/.*/balance_transactions",
        "/v1/invoices",
        "/v1/invoiceitems",
        "/v1/invoices/.*/finalize",
        "/v1/invoices/.*/void",
        "/v1/credit_notes",
    ],
)
def test_a_fault_anywhere_changes_nothing_of_the_outcome(
    account: Stripe, outbox_file: Path, clock: Clock, what: str, path: str
) -> None:
    account.hang_seconds = 0.4
    account.faults = [Fault(what, path)]
    push(account, outbox_file, story_plan(), clock)
    assert account.faults == []
    assert_story_told(account)


def test_retry_after_is_honoured_and_pauses_double(
    account: Stripe, outbox_file: Path, clock: Clock
) -> None:
    account.retry_after = "7"
    account.faults = [Fault("429"), *(Fault("409") for _ in range(2))]
    push(account, outbox_file, story_plan(), clock)
    assert clock.slept == [7, 14, 28]


def test_without_retry_after_pauses_begin_small(
    account: Stripe, outbox_file: Path, clock: Clock
) -> None:
    account.faults = [Fault("409") for _ in range(3)]
    push(account, outbox_file, story_plan(), clock)
    assert clock.slept == [0.01, 0.02, 0.04]


def test_a_500_that_stripe_keeps_goes_out_under_the_next_key(
    account: Stripe, outbox_file: Path, clock: Clock
) -> None:
    account.faults = [Fault("500", "/v1/invoices")]
    push(account, outbox_file, story_plan(), clock)
    keys = [key for path, key in account.posts if path == "/v1/invoices"]
    assert keys[0] == keys[1], "the first try again has the same key"
    assert keys[2] == f"{keys[0]}:2"
    assert_story_told(account)


def test_a_500_after_the_work_is_found_and_not_done_again(
    account: Stripe, outbox_file: Path, clock: Clock
) -> None:
    account.faults = [Fault("500_done", "/v1/invoiceitems")]
    push(account, outbox_file, story_plan(), clock)
    assert not any(":" in key for _, key in account.posts)
    assert_story_told(account)


def test_giving_up_leaves_an_outbox_that_goes_on(
    account: Stripe, outbox_file: Path, clock: Clock
) -> None:
    account.faults = [Fault("429", "/v1/invoiceitems") for _ in range(QUICK.tries)]
    with pytest.raises(MeterhouseError, match="did not take it after several tries"):
        push(account, outbox_file, story_plan(), clock)
    push(account, outbox_file, story_plan(), clock)
    assert_story_told(account)


def test_a_server_that_is_away_is_an_error_that_says_so(outbox_file: Path, clock: Clock) -> None:
    with serve() as gone:
        address = gone.address
    with pytest.raises(MeterhouseError, match="Push again later"):
        push(Stripe(address=address), outbox_file, story_plan(), clock)


@pytest.mark.parametrize("is_before_the_answer_is_written", [False, True])
def test_a_crash_at_any_step_is_resumed(
    account: Stripe,
    outbox_file: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    is_before_the_answer_is_written: bool,
) -> None:
    """Every push dies at its first new request, just before or just after it is written down."""
    real = Outbox.mark_delivered

    def dying(self: Outbox, request_id: str, remote_id: str) -> None:
        if not is_before_the_answer_is_written:
            real(self, request_id, remote_id)
        elif seen.setdefault(request_id, 0):
            return real(self, request_id, remote_id)
        seen[request_id] = 1
        raise KeyboardInterrupt

    seen: dict[str, int] = {}
    plan = story_plan()
    monkeypatch.setattr(Outbox, "mark_delivered", dying)
    crashes = 0
    while True:
        try:
            push(account, outbox_file, plan, clock)
            break
        except KeyboardInterrupt:
            crashes += 1
    assert crashes == len(plan.requests)
    assert_story_told(account)


@pytest.mark.parametrize("name", ["mark_sent", "mark_delivered"])
@pytest.mark.parametrize("at", [1, 4, 9, 14])
def test_a_killed_process_is_resumed(
    account: Stripe, outbox_file: Path, clock: Clock, name: str, at: int
) -> None:
    """The process ends without a word: after a request is written down, or after its answer."""
    code = f"""
import os, sys
from pathlib import Path
from python_ext.outbox import Outbox
from tests.python import test_push_stripe as tests
from tests.python.stripe_server import Stripe
calls, real = 0, Outbox.{name}
def dying(self, *values):
    global calls
    calls += 1
    if calls == {at} and "{name}" == "mark_delivered":
        os._exit(9)
    real(self, *values)
    if calls == {at}:
        os._exit(9)
Outbox.{name} = dying
tests.push(Stripe(address=sys.argv[1]), Path(sys.argv[2]), tests.story_plan(), tests.Clock())
"""
    arguments = [sys.executable, "-c", code, account.address, str(outbox_file)]
    done = subprocess.run(
        arguments, check=False, cwd=Path(__file__).parents[2], env=dict(os.environ)
    )
    assert done.returncode == 9
    push(account, outbox_file, story_plan(), clock)
    assert_story_told(account)


def test_after_a_day_what_was_sent_is_looked_for(
    account: Stripe, outbox_file: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stripe has forgotten the keys: sending again would make everything twice."""
    real = Outbox.mark_delivered
    crashed: set[str] = set()

    def dying(self: Outbox, request_id: str, remote_id: str) -> None:
        if request_id not in crashed:
            crashed.add(request_id)
            raise KeyboardInterrupt
        real(self, request_id, remote_id)

    monkeypatch.setattr(Outbox, "mark_delivered", dying)
    plan = story_plan()
    for _ in plan.requests:
        with pytest.raises(KeyboardInterrupt):
            push(account, outbox_file, plan, clock)
        account.forget_keys()
        clock.at += timedelta(days=2)
    push(account, outbox_file, plan, clock)
    assert_story_told(account)


def test_after_a_day_what_never_arrived_is_sent(
    account: Stripe, outbox_file: Path, clock: Clock
) -> None:
    account.faults = [Fault("hang") for _ in range(QUICK.tries)]
    with pytest.raises(MeterhouseError):
        push(account, outbox_file, story_plan(), clock)
    clock.at += timedelta(days=2)
    push(account, outbox_file, story_plan(), clock)
    assert_story_told(account)


def test_what_is_there_already_with_the_same_payload_counts_as_delivered(
    account: Stripe, tmp_path: Path, clock: Clock
) -> None:
    """The outbox was lost and Stripe forgot the keys; numbers and states tell that it is there."""
    plan = export_stripe.plan([document("d1")])
    push(account, tmp_path / "first", plan, clock)
    account.forget_keys()
    with Outbox(tmp_path / "second", account.address) as opened:
        opened.add(plan.requests)
        opened.mark_delivered("customer:borealis", account.all("customer")[0]["id"])
        item = plan.requests[2].request_id
        opened.mark_delivered(item, account.all("invoiceitem")[0]["id"])
    assert push(account, tmp_path / "second", plan, clock) == 2
    assert len(account.all("invoice")) == 1
    assert account.all("invoice")[0]["status"] == "open"


def test_a_second_outbox_within_a_day_does_nothing_twice(
    account: Stripe, tmp_path: Path, clock: Clock
) -> None:
    """Keys are the same, so answers are given again; the note is found, as less is open now."""
    plan = export_stripe.plan([document("d1"), memo("m1", "i-d1", ["-3.00"])])
    push(account, tmp_path / "first", plan, clock)
    push(account, tmp_path / "second", plan, clock)
    assert [each["total"] for each in account.all("credit_note")] == [300]
    assert set(account.executed.values()) == {1}


def test_another_invoice_under_the_same_number_is_an_error(
    account: Stripe, tmp_path: Path, clock: Clock
) -> None:
    push(account, tmp_path / "first", export_stripe.plan([document("d1")]), clock)
    other = document("d9", document_number="EU-d1")
    with pytest.raises(MeterhouseError, match="number EU-d1 already exists"):
        push(account, tmp_path / "second", export_stripe.plan([other]), clock)


def test_a_key_with_another_content_is_an_error(
    account: Stripe, outbox_file: Path, clock: Clock
) -> None:
    plan = export_stripe.plan([document("d1")])
    for key in (request.key for request in plan.requests):
        account.answers[key] = ("/v1/elsewhere", "", 200, b"{}")
    with pytest.raises(MeterhouseError, match="its key with another content"):
        push(account, outbox_file, plan, clock)


def test_a_wrong_key_says_which_variable_to_mend(
    account: Stripe, outbox_file: Path, clock: Clock
) -> None:
    with Outbox(outbox_file, account.address) as opened:
        opened.add(story_plan().requests)
        with pytest.raises(MeterhouseError, match="STRIPE_API_KEY: Stripe does not accept"):
            Pusher("sk_test_other", account.address, QUICK, clock.sleep, clock.now).push(opened)


def test_an_invoice_that_somebody_changed_is_not_finalised(
    account: Stripe, outbox_file: Path, clock: Clock
) -> None:
    account.faults = [Fault("429", "/v1/invoices/.*/finalize") for _ in range(QUICK.tries)]
    plan = export_stripe.plan([document("d1")])
    with Outbox(outbox_file, account.address) as opened:
        opened.add(plan.requests[:-1])
        Pusher("sk_test_1", account.address, QUICK, clock.sleep, clock.now).push(opened)
    account.all("invoice")[0]["total"] += 1
    with pytest.raises(MeterhouseError, match="up to 321, and the document to 320"):
        push(account, outbox_file, plan, clock)
    assert account.all("invoice")[0]["status"] == "draft"


def test_a_credit_note_on_a_paid_invoice_is_credited_outside(
    account: Stripe, outbox_file: Path, clock: Clock
) -> None:
    push(account, outbox_file, export_stripe.plan([document("d1")]), clock)
    account.all("invoice")[0] |= {"status": "paid", "amount_remaining": 0}
    both = [document("d1"), memo("m1", "i-d1", ["-1.00"])]
    push(account, outbox_file, export_stripe.plan(both), clock)
    assert account.all("credit_note")[0]["out_of_band_amount"] == "100"


def test_what_was_refused_is_made_up_anew_once_the_cause_is_corrected(
    account: Stripe, outbox_file: Path, clock: Clock
) -> None:
    plan = export_stripe.plan([document("d1"), memo("m1", "i-d1", ["-1.00"])])
    push(account, outbox_file, export_stripe.plan([document("d1")]), clock)
    account.all("invoice")[0]["status"] = "uncollectible"
    with pytest.raises(MeterhouseError, match="needs an open or paid invoice"):
        push(account, outbox_file, plan, clock)
    account.all("invoice")[0] |= {"status": "paid", "amount_remaining": 0}
    assert push(account, outbox_file, plan, clock) == 1
    assert account.all("credit_note")[0]["out_of_band_amount"] == "100"


def test_a_customer_is_made_once_though_its_name_changes(
    account: Stripe, outbox_file: Path, clock: Clock
) -> None:
    push(account, outbox_file, export_stripe.plan([document("d1")]), clock)
    tenant = body()["tenant"] | {"tenant_name": "Borealis Bank AG"}
    push(account, outbox_file, export_stripe.plan([document("d2", tenant=tenant)]), clock)
    assert [each["name"] for each in account.all("customer")] == ["Borealis Bank"]
    assert len(account.all("invoice")) == 2


def test_a_document_of_1000_lines_arrives_as_250_items_at_most(
    account: Stripe, outbox_file: Path, clock: Clock
) -> None:
    made = [line(n, "0.07", pack_id=f"p{n % 40}") for n in range(1000)]
    push(account, outbox_file, export_stripe.plan([document(lines=made)]), clock)
    assert len(account.all("invoiceitem")) == 40
    assert account.all("invoice")[0]["total"] == 7000


def test_a_negative_invoice_becomes_balance_of_the_customer(
    account: Stripe, outbox_file: Path, clock: Clock
) -> None:
    push(account, outbox_file, export_stripe.plan([document(lines=[line(1, "-2.00")])]), clock)
    assert account.all("customer")[0]["balance"] == {"eur": -200}
    assert account.all("invoice")[0]["status"] == "paid"


def test_the_clients_own_retries_and_telemetry_are_off(account: Stripe) -> None:
    Pusher("sk_test_1", account.address)
    assert stripe.enable_telemetry is False


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["429", "409", "500", "500_done", "drop_done"]), st.integers(0, 3)
        ),
        max_size=4,
    )
)
def test_any_mix_of_faults_ends_in_the_same_account(
    tmp_path_factory: pytest.TempPathFactory, faults: list[tuple[str, int]]
) -> None:
    with serve() as account:
        account.faults = [Fault(what, skip=skip) for what, skip in faults]
        file = tmp_path_factory.mktemp("mix") / "outbox"
        for _ in range(3):
            try:
                push(account, file, story_plan(), Clock())
                break
            except MeterhouseError:
                continue
        assert_story_told(account)
        with Outbox(file, account.address) as opened:
            assert {entry.state for entry in opened.entries()} == {State.DELIVERED}

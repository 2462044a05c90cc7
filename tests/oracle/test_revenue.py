"""Revenue: what is billed is earned once, on every day of any contract, and closed months stand."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_ext.revenue_terms import months_after
from tests.oracle.revenue_books import Books, compiled, midnight, run

BEGIN, END = date(2026, 1, 1), date(2027, 1, 1)
LATER = date(2028, 3, 1)


@pytest.fixture(scope="module")
def models() -> Mapping[str, str]:
    return compiled()


days = st.dates(BEGIN, END - timedelta(days=1))
amounts = st.decimals(-(10**6), 10**6, places=2, allow_nan=False)
credits = st.decimals(-500, 500, places=2, allow_nan=False).filter(bool)


@st.composite
def books(draw: st.DrawFn, *, has_term: bool = False) -> Books:
    """Charges of any length and sign, issued or not, credited, voided, waived, written off.

    With `has_term`, there is a fee besides that is earned over the whole term, and amended.
    """
    found = Books(
        BEGIN,
        END,
        {
            "fee_convention": draw(st.sampled_from(("daily", "monthly", "thirty_360"))),
            "cancellation": draw(st.sampled_from(("recognise_rest", "unchanged"))),
            "one_time_over": draw(st.sampled_from(("at_once", "contract_term"))),
            "shortfall": draw(st.sampled_from(("at_end", "spread"))),
            "credit_memo": draw(st.sampled_from(("by_share_earned", "on_issue"))),
            "modification": draw(st.sampled_from(("prospective", "catch_up"))),
            "fee_term": "contract_term" if has_term else "service_period",
        },
    )
    if has_term:
        begins = sorted({BEGIN, *draw(st.lists(days, max_size=3))})
        for day in begins:
            known = BEGIN if day == BEGIN else draw(st.just(BEGIN) | days)
            found.rate(abs(draw(credits)), day, END, known)
        for number in range(draw(st.integers(0, 3))):
            starts = draw(days)
            ends, issued = starts + timedelta(days=30), draw(st.none() | days)
            key = f"term{number}"
            found.charge(key, draw(amounts), starts, ends, issued, line_code="base")
            if issued:
                found.credit(key, draw(credits), issued + timedelta(days=5))
    for number in range(draw(st.integers(1, 4))):
        key, starts = f"k{number}", draw(days)
        ends = draw(st.dates(starts + timedelta(days=1), END))
        kind = draw(st.sampled_from(("fee", "fee", "one_time", "usage", "commitment")))
        is_cut = kind == "fee" and draw(st.booleans())
        issued = draw(st.none() | days)
        amount = draw(amounts)
        voided = draw(st.none() | st.none() | st.just(issued))
        found.charge(
            key,
            amount,
            starts,
            ends,
            issued,
            kind=kind,
            full_end=ends + timedelta(days=40) if is_cut else None,
            voided_at=voided and midnight(voided + timedelta(days=draw(st.integers(0, 60)))),
            is_waived=voided is not None,
        )
        if issued and not voided:
            for _ in range(draw(st.integers(0, 2))):
                payload = draw(st.sampled_from(("{}", '{"service_month": "2026-03"}')))
                found.credit(key, draw(credits), issued + timedelta(days=5), payload)
            if amount > 1000 and draw(st.booleans()):
                found.write_off(key, draw(st.sampled_from((amount / 2, Decimal(1)))), draw(days))
    return found


IDENTITY = """
    select
        (select coalesce(sum(recognised_amount), 0) from fct_recognised_revenue)
        + (
            select coalesce(sum(deferred_amount + refund_liability_amount - unbilled_amount), 0)
            from fct_revenue_balances
            where balance_month = (select date_trunc('month', as_of_at) from dim_as_of)
        ),
        (
            select coalesce(sum(
                case when issued_at < as_of_at then amount else 0 end
                - case when voided_at < as_of_at then amount else 0 end
            ), 0)
            from int_revenue__lines_netted, dim_as_of
        ) + (
            select coalesce(sum(amount), 0) from fct_revenue_billings
            where billing_kind = 'written_off'
        )
"""


TWICE = """
    select obligation_id, pack_id, revenue_month from fct_recognised_revenue
    group by all having count(*) > 1
"""


def known(found: Books, day: date) -> Books:
    """The books as they are when a day begins: nothing is issued, voided or lost after it."""
    copy = Books(found.starts, found.ends, found.policy)
    copy.rows = dict(found.rows)
    lines = (_before(row, day) for row in found.rows["int_revenue__lines_netted"])
    copy.rows["int_revenue__lines_netted"] = [line for line in lines if line]
    copy.rows["fct_actions_allowed"] = [
        row
        for row in found.rows.get("fct_actions_allowed", [])
        if "acted_at" not in row or row["acted_at"].date() < day
    ]
    return copy


def _before(row: dict[str, Any], day: date) -> dict[str, Any]:
    """A line by what is known when a day begins; none where it is a memo that is not there yet."""
    at, voided = row["issued_at"], row.get("voided_at")
    is_issued = at is not None and at.date() < day
    if not is_issued and row.get("agreed_by_action_id"):
        return {}
    is_void = is_issued and voided is not None and voided.date() < day
    return {
        **row,
        "issued_at": at if is_issued else None,
        "voided_at": voided if is_void else None,
        "is_waived": is_void,
    }


@settings(max_examples=25, deadline=None)
@given(
    st.booleans().flatmap(lambda term: books(has_term=term)),
    st.lists(st.dates(BEGIN, LATER), min_size=2, max_size=4),
)
def test_on_every_day_what_is_earned_and_left_is_what_was_billed(
    models: Mapping[str, str], found: Books, on: list[date]
) -> None:
    for day in on:
        with run(models, known(found, day), day) as result:
            ((held, billed),) = result.query(IDENTITY)
            assert held == billed
            assert result.query(TWICE) == []
            assert (
                result.query(
                    "select * from rpt_deferred_revenue_rollforward where difference_amount <> 0"
                )
                == []
            )


TOTALS = """
    select
        (select coalesce(sum(recognised_amount), 0) from fct_recognised_revenue),
        (
            select coalesce(sum(case when voided_at is null then amount end), 0)
            from int_revenue__lines_netted
        ) + (
            select coalesce(sum(amount), 0) from fct_revenue_billings
            where billing_kind = 'written_off'
        ),
        (
            select coalesce(sum(deferred_amount), 0) from fct_revenue_balances
            where balance_month = '2028-03-01'
        )
"""


@settings(max_examples=25, deadline=None)
@given(books())
def test_in_the_end_every_price_is_earned_and_nothing_is_deferred(
    models: Mapping[str, str], found: Books
) -> None:
    with run(models, found, LATER) as result:
        ((earned, priced, deferred),) = result.query(TOTALS)
        assert (earned, deferred) == (priced, 0)


MONTHS = """
    select obligation_id, balance_key, contract_id, tenant_id, pack_id, revenue_kind,
        currency_code, is_internal, is_correction, recognised_amount as amount,
        recognised_usd as amount_usd, revenue_month
    from fct_revenue_lines
    where revenue_month < ?
"""


def close(found: Books, lines: Sequence[Mapping[str, Any]], months: Collection[date]) -> None:
    """Lock months with those of the lines that are theirs."""
    for month in sorted(months):
        lock = {"lock_id": f"{month}", "landed_file": "f"}
        found.add(
            "fct_policy_effects",
            act_source="actions",
            action="close_period",
            act_key=lock["lock_id"],
            is_in_force=True,
        )
        found.add(
            "stg_landing__revenue_locks",
            **lock,
            action_id=lock["lock_id"],
            revenue_month=month,
            is_line=False,
            is_digest_right=True,
        )
        for line in lines:
            if line["revenue_month"] == month:
                amounts = {name: line[name] for name in line if name != "revenue_month"}
                found.add("stg_landing__revenue_lock_lines", **lock, **amounts)


@settings(max_examples=15, deadline=None)
@given(st.booleans().flatmap(lambda term: books(has_term=term)), st.dates(date(2026, 2, 1), END))
def test_a_closed_month_stands_and_what_it_lacks_is_earned_in_the_first_open_one(
    models: Mapping[str, str], found: Books, day: date
) -> None:
    first_open = day.replace(day=1)
    with run(models, known(found, day), day) as result:
        lines = result.rows(MONTHS, first_open)
    with run(models, found, LATER) as result:
        ((total, *_),) = result.query(TOTALS)
    months = {row["revenue_month"] for row in lines} | {first_open - timedelta(days=1)}
    close(found, lines, {each.replace(day=1) for each in months})
    with run(models, found, LATER) as result:
        assert sorted(map(str, result.rows(MONTHS, first_open))) == sorted(map(str, lines))
        ((closed_total, *_),) = result.query(TOTALS)
        assert closed_total == total
        ((held, billed),) = result.query(IDENTITY)
        assert held == billed
        of_first_open = result.rows(
            f"{MONTHS} and revenue_month = ?", months_after(first_open, 1), first_open
        )
    close(found, of_first_open, {first_open})
    with run(models, found, LATER) as result:
        closed = result.rows(MONTHS, months_after(first_open, 1))
        assert sorted(map(str, closed)) == sorted(map(str, [*lines, *of_first_open]))
        assert (
            result.query(
                "select revenue_line_id from fct_revenue_lines group by all having count(*) > 1"
            )
            == []
        )

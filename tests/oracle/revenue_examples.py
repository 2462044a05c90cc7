"""Published examples of revenue recognition as books, and what the models make of them.

An example is translated by its method, not by its id. Each translation gives figures under the
names that the example expects; what it does not give is listed with a reason.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from python_ext.revenue_terms import months_after
from tests.oracle.revenue_books import CONTRACT, EVER, Books, Result, midnight, run

Figures = dict[str, Any]
Input = Mapping[str, Any]
Models = Mapping[str, str]
YEAR, FAR = 2025, date(2035, 1, 1)
MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}

BY_UNIT = "goods that are delivered by the unit: usage is priced by plan, and earned as delivered"
OUT_OF_SCOPE: Mapping[str, str] = {
    "ratable_actual_first_last": "a convention that is not offered: actual edges, equal middle",
    "ratable_daily_rounding": "rounds each day by itself; here the running total is rounded",
    "modification_prospective": BY_UNIT,
    "modification_separate_contract": BY_UNIT,
    "modification_cumulative_catchup": "progress by cost to cost",
    "right_of_return": "a right of return",
    "variable_consideration_volume": "repricing is rating's (volume rebates), in rating.jsonl",
    "minimum_commitment": "the true-up is rating's, in rating.jsonl; it is earned at period's end",
    "unbilled_to_billed": "its input is another example, which the file does not hold",
    "tax_exclusive": "tax is invoicing's, in invoicing.jsonl; revenue is before tax",
    "tax_inclusive": "tax is invoicing's, in invoicing.jsonl; revenue is before tax",
    "customer_balance": "settlement is invoicing's; it changes no revenue",
}
"""Methods that the revenue chapter does not answer, and why."""

CHAPTER_10 = "receivables and cash are chapter 10's and the journal's"
NOT_GIVEN: Mapping[str, str] = {
    "AR": CHAPTER_10,
    "Cash": CHAPTER_10,
    "cash": CHAPTER_10,
    "receivable": CHAPTER_10,
    "tax_liability": CHAPTER_10,
    "tax_mar": CHAPTER_10,
    "exact_refund_contra": "who gets what of a credit is settlement",
    "exact_cn_contra": "who gets what of a credit is settlement",
    "credit_note": "proration of the fee is invoicing's, in invoicing.jsonl",
    "net_contract": "proration of the fee is invoicing's, in invoicing.jsonl",
    "remaining_days": "a step of the calculation",
    "remaining_revenue": "proration of the fee is invoicing's, in invoicing.jsonl",
    "unbilled": "the source leaves its true-up out, as its note says; with it there are 100",
    "per_day": "a price of a day is not rounded by itself",
    "recognised_share": "a step of the calculation",
    "jan_restated": "tests/oracle/test_revenue.py closes months",
}
"""Figures that are expected and not given, and why."""


def money(amount: Any) -> Decimal:
    return Decimal(str(amount))


def day_of(text: str, year: int = YEAR) -> date:
    """`Feb 1`, or an ISO date."""
    if found := re.fullmatch(r"([A-Za-z]{3})[a-z]* ?(\d+)", text):
        return date(year, MONTHS[found[1]], int(found[2]))
    return date.fromisoformat(text)


def range_of(text: str) -> tuple[date, date]:
    """`Jan15-Feb14` or `Jan1-Mar31 2025`, both days in it, as a half-open range."""
    first, last = text.split()[0].split("-")
    return day_of(first), day_of(last) + timedelta(days=1)


def one_charge(given: Input, **policy: Any) -> tuple[Books, date, date]:
    """A charge for a range of days that is invoiced when it begins."""
    if "start" in given:
        starts = date.fromisoformat(given["start"])
        months = int(given.get("months", 0))
        ends = months_after(starts, months) if months else date.fromisoformat(given["end_excl"])
    elif given["period"] == "Jan":
        starts, ends = date(YEAR, 1, 1), date(YEAR, 2, 1)
    else:
        starts, ends = range_of(given["period"])
    books = Books(starts, ends, policy)
    issued = day_of(given["invoice"]) if "invoice" in given else starts
    books.charge("fee", money(given["amount"]), starts, ends, issued)
    return books, starts, ends


def revenue(result: Result) -> list[Decimal]:
    """Net revenue from the first month on, without gaps."""
    found = result.by_month("recognised_amount", "fct_recognised_revenue", "revenue_month")
    return [found.get(month, Decimal(0)) for month in _months(found)]


def deferred(result: Result) -> list[Decimal]:
    """What each month adds to deferred revenue."""
    found = result.by_month("deferred_amount", "fct_revenue_balances", "balance_month")
    held = [found.get(month, Decimal(0)) for month in _months(found)]
    return [now - before for before, now in zip([Decimal(0), *held], held, strict=False)]


def _months(found: Mapping[date, Any]) -> Iterator[date]:
    month, last = min(found), max(found)
    while month <= last:
        yield month
        month = months_after(month, 1)


def balance(result: Result, measure: str = "deferred_amount") -> Decimal:
    """A balance at as-of."""
    return result.one(
        f"select coalesce(sum({measure}), 0) from fct_revenue_balances"
        " where balance_month = (select date_trunc('month', as_of_at) from dim_as_of)"
    )


def earned(models: Models, books: Books, as_of: date) -> Decimal:
    with run(models, books, as_of) as result:
        return result.one("select coalesce(sum(recognised_amount), 0) from fct_recognised_revenue")


def ratable(models: Models, given: Input, convention: str = "daily") -> Figures:
    books, starts, ends = one_charge(given, fee_convention=convention)
    with run(models, books, ends) as result:
        months, moved = revenue(result), deferred(result)
    by_month = {
        f"{month:%Y-%m}": amount
        for month, amount in zip(_months({starts: 0, ends: 0}), months, strict=False)
    }
    figures: Figures = {
        "revenue": by_month,
        "revenue_q1": months,
        "deferred_movement": moved,
        "by_month": by_month,
        "sum": sum(months),
        "jan": months[0],
        "jan_revenue": months[0],
        "first_period": months[0],
        "last_period": months[-1],
        "middle_each": months[len(months) // 2],
        "deferred_end_jan": moved[0],
    }
    for name, day in (("jan15", date(starts.year, 1, 16)), ("jun30", date(starts.year, 7, 1))):
        with run(models, books, day) as result:
            figures[f"deferred_{name}"] = balance(result)
            figures[f"to_date_{name}"] = earned(models, books, day)
    if "invoice" in given:
        unbilled = {}
        for name, day, issued in (("jan31", ends, None), ("feb1", ends, midnight(ends))):
            books.rows["int_revenue__lines_netted"][0]["issued_at"] = issued
            with run(models, books, day) as result:
                unbilled[f"unbilled_{name}"] = balance(result, "unbilled_amount")
        figures |= unbilled
    return figures


def convention(models: Models, given: Input) -> Figures:
    daily, even = (
        list(ratable(models, given, kind)["by_month"].values()) for kind in ("daily", "monthly")
    )
    return {"monthly_even": even[0], "daily_jan": daily[0], "daily_feb": daily[1]}


def cancelled(models: Models, given: Input) -> Figures:
    """No refund and no credit: the schedule goes on."""
    starts, ends = (date.fromisoformat(given[name]) for name in ("start", "end_excl"))
    books = Books(starts, date.fromisoformat(given["cancel"]), {"cancellation": "unchanged"})
    cut = date.fromisoformat(given["cancel"])
    books.charge("fee", money(given["amount"]), starts, cut, starts, full_end=ends)
    with run(models, books, ends) as result:
        return {"revenue": revenue(result), "deferred_movement": deferred(result)}


def upgrade(models: Models, given: Input) -> Figures:
    first, second = (int(given[name].split("/")[0].split()[-1]) for name in ("plan1", "upgrade"))
    starts, changes, ends = date(YEAR, 4, 1), date(YEAR, 4, 21), date(YEAR, 5, 1)
    books = Books(starts, ends)
    for key, price, begins, until in (
        ("part1", first, starts, changes),
        ("part2", second, changes, ends),
    ):
        share = money(price) * (until - begins).days / int(given["days"])
        books.charge(key, share, begins, until, starts)
    with run(models, books, ends) as result:
        parts = dict(
            result.query(
                "select balance_key, sum(recognised_amount) from fct_revenue_lines group by 1"
            )
        )
        return {"april_revenue": revenue(result)[0], **parts}


def mixed(models: Models, given: Input) -> Figures:
    starts = min(range_of(line["period"])[0] for line in given["lines"] if line["period"])
    books = Books(starts, FAR)
    for number, line in enumerate(given["lines"]):
        begins, ends = range_of(line["period"]) if line["period"] else (starts, starts)
        kind = "fee" if line["period"] else "one_time"
        books.charge(f"k{number}", money(line["amount"]), begins, ends, starts, kind=kind)
    with run(models, books, FAR) as result:
        return {"jan_revenue": revenue(result)[0], "deferred_end_jan": deferred(result)[0]}


def after_the_fact(models: Models, given: Input) -> Figures:
    """A charge that is credited, charged again, written off or voided later.

    Revenue is net here; sources show what is taken back in an account of its own.
    """
    books, _, ends = one_charge({"period": "Jan1-Mar31", **given})
    amount, note = money(given["amount"]), given.get("credit_note")
    if isinstance(note, str):
        credited, day = note.split(" on ")
        note = {"amount": credited, "date": day}
    if note:
        total = sum(money(note[name]) for name in note if name != "date")
        books.credit("fee", -total, day_of(note["date"]))
        if "cn_void" in given:
            books.credit("fee", total, day_of(given["cn_void"]))
    if "credit" in given:
        books.credit("fee", -money(given["credit"]), date(YEAR, 1, 1))
    if "uncollectible" in given:
        books.write_off("fee", amount, day_of(given["uncollectible"]))
    if "void" in given:
        books.rows["int_revenue__lines_netted"][0] |= {
            "voided_at": midnight(day_of(given["void"])),
            "is_waived": True,
        }
    with run(models, books, ends) as result:
        kept = result.one("select coalesce(sum(amount), 0) from fct_revenue_billings")
        figures = {"Net": revenue(result), "Deferred": deferred(result)}
    figures["BadDebt"] = [Decimal(0), kept] if "uncollectible" in given else []
    return figures


def netted(expected: Mapping[str, Any]) -> dict[str, Any]:
    """Expected figures with revenue net of the accounts that take it back."""
    taken = [expected[name] for name in ("CreditNotes", "Voids") if name in expected]
    if "contra_total" in expected:
        taken = [["0", expected["contra_total"], "0"]]
    net = [money(amount) for amount in expected["Revenue"]]
    for each in taken:
        net = [amount - money(back) for amount, back in zip(net, each, strict=True)]
    dropped = {"Revenue", "CreditNotes", "Voids", "contra_total", "total_revenue"}
    return {"Net": net, **{name: expected[name] for name in expected if name not in dropped}}


def credit_policy(models: Models, given: Input) -> Figures:
    amount = given["amount"].split()[0]
    credited, day = given["credit_note"].split(" on ")
    on = day_of(day)
    found = {}
    for policy in ("on_issue", "by_share_earned"):
        books = Books(date(YEAR, 1, 1), FAR, {"credit_memo": policy})
        books.charge("fee", money(amount), date(YEAR, 1, 1), date(YEAR, 2, 1), date(YEAR, 1, 1))
        before = earned(models, books, on)
        books.credit("fee", -money(credited), on)
        contra = before - earned(models, books, on)
        found[policy] = contra, earned(models, books, FAR)
    contra, _ = found["by_share_earned"]
    return {
        "lago_jan": {
            "gross": money(amount),
            "contra": -found["on_issue"][0],
            "net": found["on_issue"][1],
        },
        "stripe_split_on_jan20": {
            "contra": contra,
            "deferred_reduction": money(credited) - contra,
        },
    }


def taken_back(models: Models, given: Input) -> Figures:
    """What was earned in January is taken back in March."""
    gross = given.get("recognised_jan") or given["amount"].split()[0]
    back = given["refund"].split()[0] if "refund" in given else f"-{gross}"
    books = Books(date(YEAR, 1, 1), FAR)
    books.charge("fee", money(gross), date(YEAR, 1, 1), date(YEAR, 2, 1), date(YEAR, 1, 1))
    books.credit("fee", money(back), date(YEAR, 3, 3))
    with run(models, books, FAR) as result:
        january, _, march = revenue(result)
    return {"jan": january, "mar": march, "mar_contra": march}


def delivered(models: Models, given: Input) -> Figures:
    price, so_far, before = money(given["price"]), Decimal(0), Decimal(0)
    figures: Figures = {}
    for text, calls in sorted(given["calls"].items()):
        day = date.fromisoformat(f"{YEAR}-{text}")
        so_far += price * calls
        books = Books(date(YEAR, 1, 1), FAR)
        books.charge("use", so_far, date(YEAR, 1, 1), date(YEAR, 2, 1), None, kind="usage")
        now = earned(models, books, day + timedelta(days=1))
        figures[text], before = now - before, now
    return {**figures, "jan": before}


def setup_fee(models: Models, given: Input) -> Figures:
    monthly = money(given.get("monthly") or money(given["subscription"].split("/")[0]) / 12)
    over = given.get("customer_life_months")
    policy = {"one_time_over": "months", "one_time_months": over} if over else {}
    books = Books(date(YEAR, 1, 1), FAR, {"fee_convention": "monthly", **policy})
    start = date(YEAR, 1, 1)
    books.charge(
        "setup", money(given["setup"]), start, months_after(start, 1), start, kind="one_time"
    )
    for number in range(3):
        begins = months_after(start, number)
        books.charge(f"m{number}", monthly, begins, months_after(begins, 1), begins)
    with run(models, books, date(YEAR, 4, 1)) as result:
        months = revenue(result)
        setup = result.one(
            "select sum(recognised_amount) from fct_revenue_lines"
            f" where balance_key = 'setup' and revenue_month = '{start}'"
        )
    return {
        "revenue": months,
        "month1_revenue": months[0],
        "setup_part": setup,
        "subscription_part": months[0] - setup,
    }


def wallet(
    books: Books,
    kind: str,
    amount: Decimal,
    uses: Mapping[date, Decimal],
    expiry: date | None = None,
) -> None:
    """A grant that pays invoices, each for a charge of its own, and may run out."""
    bought = min(uses, default=date(YEAR, 1, 1))
    grant = {"grant_id": "g", "tenant_id": "t", "contract_id": CONTRACT, "grant_kind": kind}
    books.add(
        "fct_wallet_grants",
        **grant,
        currency_code="USD",
        amount=amount,
        effective_at=midnight(bought),
    )
    number = 0
    for number, (day, used) in enumerate(sorted(uses.items()), 1):
        key = f"use{number}"
        books.charge(key, used, day, day + timedelta(days=1), day, kind="usage")
        books.add("fct_periods_billed", billing_period_id=key, invoice_id=key, live_version=1)
        moved = {"grant_id": "g", "amount": -used, "moved_at": midnight(day)}
        books.add(
            "fct_wallet_movements",
            **moved,
            movement_number=number,
            movement_type="draw",
            billing_period_id=key,
        )
        books.add(
            "fct_receivable_events",
            contract_id=CONTRACT,
            tenant_id="t",
            grant_kind=kind,
            currency_code="USD",
            owed_delta_amount=-used,
            applied_delta_amount=0,
            paid_delta_amount=0,
            written_off_delta_amount=0,
            event_at=midnight(day),
        )
    if expiry:
        left = amount - sum(uses.values())
        books.add(
            "fct_wallet_movements",
            grant_id="g",
            movement_number=number + 1,
            movement_type="expiry",
            amount=-left,
            moved_at=midnight(expiry),
        )


def prepaid(models: Models, given: Input) -> Figures:
    kind = "purchased" if "purchased" in given else "granted"
    amount = money(given.get("purchased") or given["granted"])
    used = money(given.get("consumed") or given["usage_consumed"])
    books = Books(date(YEAR, 1, 1), FAR)
    wallet(books, kind, amount, {date(YEAR, 1, 1): used})
    with run(models, books, FAR) as result:
        (total,) = revenue(result)
        liability = balance(result, "customer_credit_amount")
    gross = used
    return {
        "revenue": total,
        "net_revenue": total,
        "liability": liability,
        "gross_usage": gross,
        "contra": total - gross,
    }


def breakage(models: Models, given: Input) -> Figures:
    sold, used = money(given["sold"]), money(given["redeemed_value"])
    books = Books(date(YEAR, 1, 1), FAR)
    if "expected_breakage" in given:
        ratio = money(given["expected_breakage"])
        books.add("stg_catalogue__credit_breakage", breakage_id="b", breakage_ratio=ratio, **EVER)
    expiry = date(YEAR, 6, 1) if "expiry_unused" in given else None
    wallet(books, "purchased", sold, {date(YEAR, 1, 1): used}, expiry)
    with run(models, books, FAR) as result:
        months = revenue(result)
        liability = balance(result, "customer_credit_amount")
    return {
        "revenue": sum(months),
        "of_which_breakage": sum(months) - used,
        "liability": liability,
        "revenue_before_expiry": months[0],
        "at_expiry": months[-1],
    }


def points(models: Models, sold: Decimal, years: list[tuple[Decimal, Decimal]]) -> list[Decimal]:
    """Revenue of each year: (points used by its end, points expected to be used)."""
    issued = max(expected for _, expected in years) + 100
    books = Books(date(2015, 1, 1), FAR)
    uses: dict[date, Decimal] = {}
    before = Decimal(0)
    for number, (cumulative, expected) in enumerate(years):
        uses[date(2016 + number, 6, 1)] = sold * (cumulative - before) / issued
        books.add(
            "stg_catalogue__credit_breakage",
            breakage_id=str(number),
            breakage_ratio=round(1 - expected / issued, 9),
            effective_from_at=midnight(date(2016 + number, 1, 1)),
            effective_to_at=midnight(date(2017 + number, 1, 1)),
        )
        before = cumulative
    wallet(books, "purchased", sold, {day: round(used, 2) for day, used in uses.items()})
    with run(models, books, FAR) as result:
        found = result.by_month("recognised_amount", "fct_recognised_revenue", "revenue_month")
    return list(found.values())


def loyalty(models: Models, given: Input) -> Figures:
    price, worth = money(given["price"]), money(given["points_ssp"])
    shared = bundle(models, {"ssp": {"goods": price, "points": worth}, "price": price})
    years = [
        (Decimal(given["redeemed_2016"]), Decimal(given["expected"])),
        (Decimal(given["cum_2017"]), Decimal(given["expected_2017"])),
    ]
    first, second = points(models, shared["points"], years)
    return {**shared, "rev_2016": round(first), "rev_2017": round(second)}


def reestimated(models: Models, given: Input) -> Figures:
    sold, second, third = money(given["allocated_points"]), given["y2"], given["y3"]
    figures: Figures = {}
    for name in ("up", "down"):
        years = [
            (Decimal(second["redeemed"]), Decimal(second["expected"])),
            (Decimal(third["cum"]), Decimal(third[f"expected_{name}"])),
        ]
        figures["y2"], figures[f"y3_{name}"] = map(round, points(models, sold, years))
    return figures


def bundle(models: Models, given: Input) -> Figures:
    """Lines that are sold for one price, and what each is worth alone."""
    stated = dict(given.get("ssp") or {"A": given["A"], "B": "55", "C": "45"})
    group = given.get("B+C_usual") or given.get("B+C")
    lines = [*stated, *(["D"] if "D" in given else [])]
    books = Books(date(YEAR, 1, 1), FAR)
    for number, line in enumerate(lines):
        price = money(given["price"]) if number == 0 else Decimal(0)
        books.charge(line, price, date(YEAR, 1, 1), date(YEAR, 2, 1), date(YEAR, 1, 1))
        in_group = bool(group) and line in ("B", "C")
        books.add(
            "stg_catalogue__standalone_prices",
            contract_id=CONTRACT,
            line_code=line,
            standalone_amount=money(stated[line]) if line in stated else None,
            group_code="B+C" if in_group else None,
            group_amount=money(group) if in_group else None,
            **EVER,
        )
        for row in books.rows["int_revenue__lines_netted"][-1:]:
            row["billing_period_id"] = lines[0]
    with run(models, books, FAR) as result:
        return dict(
            result.query("select line_code, sum(price_amount) from fct_revenue_spans group by 1")
        )


def both_delivered(models: Models, given: Input) -> Figures:
    """Two things are delivered one after the other, and asked for when both are."""
    start = date(YEAR, 1, 1)
    figures: Figures = {}
    for name, count, issued in (("A", 1, None), ("B", 2, date(YEAR, 2, 1))):
        books = Books(start, FAR)
        for place, part in list(enumerate(("A", "B")))[:count]:
            day = months_after(start, place)
            amount = money(given[part])
            books.charge(part, amount, day, day + timedelta(days=1), issued, kind="one_time")
        with run(models, books, months_after(start, count)) as result:
            figures[f"after_{name}"] = {
                "contract_asset": balance(result, "unbilled_amount"),
                "revenue": revenue(result)[-1],
            }
    return figures


def ramp(models: Models, given: Input) -> Figures:
    start, years = date(YEAR, 1, 1), [money(amount) for amount in given["invoices"]]
    books = Books(
        start,
        months_after(start, 12 * len(years)),
        {"fee_term": "contract_term", "fee_convention": "monthly"},
    )
    assets = []
    for number, amount in enumerate(years):
        begins = months_after(start, 12 * number)
        ends = months_after(begins, 12)
        books.rate(round(amount / 12, 9), begins, ends, start)
        books.charge(f"y{number}", amount, begins, ends, begins, line_code="base")
    for number in range(len(years)):
        with run(models, books, months_after(start, 12 * (number + 1))) as result:
            months = revenue(result)
            unbilled = result.query(
                "select sum(unbilled_amount) from fct_revenue_balances"
                f" where balance_month = '{months_after(start, 12 * (number + 1) - 1)}'"
            )
        assets.append(unbilled[0][0])
    return {"revenue_per_year": sum(months[:12]), "contract_asset_end": assets}


def repriced(models: Models, given: Input) -> Figures:
    """The price of a year changes before its sixth month."""
    start, change, end = date(YEAR, 1, 1), date(YEAR, 6, 1), date(YEAR + 1, 1, 1)
    old, new = money(given["contract"].split()[0]), money(given["new_total"].split()[0])
    figures: Figures = {}
    for how in ("prospective", "catch_up"):
        policy = {"fee_term": "contract_term", "fee_convention": "monthly", "modification": how}
        books = Books(start, end, policy)
        books.rate(old / 12, start, change, start)
        books.rate(round((new - old / 12 * 5) / 7, 9), change, end, change)
        books.charge("fee", old, start, end, start, line_code="base")
        with run(models, books, end) as result:
            june = revenue(result)[5]
            at_once = result.one(
                "select coalesce(sum(price_amount), 0) from fct_revenue_spans"
                " where earned_from_date = earned_to_date"
            )
        if how == "prospective":
            figures["prospective_monthly_jun_dec"] = june
        else:
            figures["catchup_monthly"] = june - at_once
            figures["catchup_june_adjustment"] = at_once
    return figures


def extended(models: Models, given: Input) -> Figures:
    """A contract of three years is extended after two, at other prices."""
    total, *_ = (money(number) for number in re.findall(r"\d{2,}", given["contract"]))
    third, further = (money(number) for number in re.findall(r"\d{4,}", given["mod_after_y2"]))
    start = date(YEAR, 1, 1)
    year = [months_after(start, 12 * number) for number in range(7)]
    books = Books(start, year[6], {"fee_term": "contract_term", "fee_convention": "monthly"})
    for amount, begins, ends, known in (
        (total / 3, start, year[2], start),
        (third, year[2], year[3], year[2]),
        (further / 3, year[3], year[6], year[2]),
    ):
        books.rate(round(amount / 12, 9), begins, ends, known)
    books.charge("fee", total, start, year[1], start, line_code="base")
    with run(models, books, FAR) as result:
        months = revenue(result)
    return {"per_year": {sum(months[12 * number :][:12]) for number in range(2, 6)}.pop()}


def contraction(models: Models, given: Input) -> Figures:
    books, _, _ = one_charge(given)
    day = date.fromisoformat(given["downgrade"]["date"])
    return {"recognised_before": earned(models, books, day)}


def lifecycle(models: Models, given: Input) -> Figures:
    start, end = date(2026, 1, 1), date(2027, 1, 1)
    books = Books(start, end, {"credit_memo": "on_issue"})
    annual, usage = money(given["annual_advance"].split()[0]), money(given["usage"])
    books.charge("annual", annual, start, end, start)
    books.charge("usage", usage, start, date(2026, 2, 1), None, kind="usage")
    short = money(given["commit"]) - usage
    books.charge("short", short, start, date(2026, 2, 1), None, kind="commitment")
    credited, day = given["credit_note"].split(" ", 1)
    books.credit("annual", -money(credited), day_of(day, 2026))
    with run(models, books, date(2026, 2, 1)) as result:
        by_key = dict(
            result.query(
                "select balance_key, sum(recognised_amount) from fct_revenue_lines"
                " where revenue_month = '2026-01-01' group by 1"
            )
        )
        (january,) = result.query(
            "select sum(deferred_amount), sum(unbilled_amount) from fct_revenue_balances"
            " where balance_month = '2026-01-01'"
        )
    return {
        "subscription": by_key["annual"] + money(credited),
        "usage": by_key["usage"],
        "true_up": by_key["short"],
        "january_total": sum(by_key.values()),
        "deferred": january[0],
    }


def rollforward(models: Models, given: Input) -> Figures:
    """What was billed for February already, and what January bills, earns and credits."""
    start, february, march = date(YEAR, 1, 1), date(YEAR, 2, 1), date(YEAR, 3, 1)
    books = Books(date(YEAR - 1, 12, 1), FAR)
    books.charge("ahead", money(given["begin"]), february, march, date(YEAR - 1, 12, 1))
    books.charge("now", money(given["recognised"]), start, february, start)
    rest = money(given["billings"]) - money(given["recognised"])
    books.charge("rest", rest, february, march, start)
    books.credit("ahead", money(given["credits"]), date(YEAR, 1, 15))
    with run(models, books, february) as result:
        return {
            "end": result.one(
                f"select closing_amount from rpt_deferred_revenue_rollforward"
                f" where balance_month = '{start}'"
            )
        }


def remaining(models: Models, given: Input) -> Figures:
    months, total = (int(number) for number in re.findall(r"\d+", given["contract"]))
    start, year = date(YEAR, 1, 1), money(total) / months * 12
    books = Books(start, months_after(start, months), {"fee_convention": "monthly"})
    books.charge("y1", year, start, months_after(start, 12), start)
    books.rate(year / 12, start, months_after(start, months), start)
    as_of = months_after(start, given["at_month"])
    with run(models, books, as_of) as result:
        ((backlog, rest, current, held),) = result.query(
            "select backlog_amount, remaining_amount, current_remaining_amount, deferred_amount"
            " from rpt_remaining_obligations"
        )
    return {
        "recognised": earned(models, books, as_of),
        "deferred": held,
        "unbilled_backlog": backlog,
        "rpo": rest,
        "crpo_12m": current,
    }


def sla_credit(models: Models, given: Input) -> Figures:
    fee = money(given["monthly_fee"])
    books = Books(date(YEAR, 1, 1), FAR)
    books.charge("fee", fee, date(YEAR, 3, 1), date(YEAR, 4, 1), date(YEAR, 4, 1))
    books.add("fct_actions_allowed", action_id="a", payload=f'{{"service_month": "{YEAR}-03"}}')
    books.line("fee", -fee * money(given["credit_pct"]), None, agreed_by_action_id="a")
    with run(models, books, date(YEAR, 4, 5)) as result:
        return {
            "revenue": revenue(result)[0],
            "credit_liability": balance(result, "refund_liability_amount"),
        }


METHODS: Mapping[str, Callable[[Models, Input], Figures]] = {
    "ratable_daily": ratable,
    "ratable_daily_by_month": ratable,
    "ratable_daily_arrears": ratable,
    "ratable_30_360": lambda models, given: ratable(models, given, "thirty_360"),
    "deferred_waterfall": ratable,
    "convention": convention,
    "cancel_no_refund": cancelled,
    "mid_period_upgrade": upgrade,
    "mixed": mixed,
    "bad_debt": after_the_fact,
    "void": after_the_fact,
    "credit_note_proportional": after_the_fact,
    "credit_note_before_payment": after_the_fact,
    "credit_note_after_payment": after_the_fact,
    "credit_note_void_in_later_period": after_the_fact,
    "credit_note_policy": credit_policy,
    "chargeback": taken_back,
    "refund_prior_period": taken_back,
    "usage_as_delivered": delivered,
    "bundle": setup_fee,
    "upfront_fee_over_period": setup_fee,
    "prepaid_credits": prepaid,
    "granted_credits": prepaid,
    "breakage_proportional": breakage,
    "breakage_remote": breakage,
    "loyalty_breakage": loyalty,
    "breakage_reestimate": reestimated,
    "ssp_allocation": bundle,
    "ssp_allocation_discount_to_subset": bundle,
    "ssp_residual": bundle,
    "contract_asset": both_delivered,
    "ramp_contract": ramp,
    "modification_prospective_vs_catchup": repriced,
    "modification_prospective_series": extended,
    "midterm_contraction": contraction,
    "mixed_month": lifecycle,
    "deferred_rollforward": rollforward,
    "rpo": remaining,
    "sla_credit": sla_credit,
}
"""How examples of a method are translated."""

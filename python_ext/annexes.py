"""The usage annex of a document: how each of its usage lines comes about, step by step.

It is read for the rated usage that the document's lines name, which is what its lock holds, and
only from what was known then: events that landed later are no part of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb

from python_ext.document_bodies import rows
from python_ext.documents import plain
from python_ext.errors import MeterhouseError

Body = Mapping[str, Any]

USAGE = """
    with usage as (
        select * from fct_rated_usage where rated_usage_id in (select unnest(?))
    ),
    steps as (
        select
            rated_usage_id,
            list(
                {
                    'step_kind': step_kind, 'tier_number': tier_number, 'discount_id': discount_id,
                    'units': units, 'unit_price': unit_price, 'flat_amount': flat_amount,
                    'amount': amount
                }
                order by step_number
            ) as steps
        from fct_rated_breakdown
        where rated_usage_id in (select rated_usage_id from usage)
        group by rated_usage_id
    ),
    readings as (
        select known.rated_usage_id, present.reading_id, then_known.known_from_at
        from fct_rated_usage_readings as known
        inner join fct_meter_readings as then_known using (reading_id)
        inner join fct_meter_readings as present
            on
                then_known.tenant_id = present.tenant_id
                and then_known.meter_id = present.meter_id
                and then_known.dimensions_key = present.dimensions_key
                and then_known.period_start_at = present.period_start_at
                and then_known.period_end_at = present.period_end_at
                and present.is_current
        where known.rated_usage_id in (select rated_usage_id from usage)
    ),
    events as (
        select
            readings.rated_usage_id,
            min(events.event_at) as first_event_at,
            max(events.event_at) as last_event_at,
            min_by(events.event_id, (events.event_at, events.event_id)) as first_event_id,
            max_by(events.event_id, (events.event_at, events.event_id)) as last_event_id
        from readings
        inner join (
            select * from fct_meter_reading_events
            where reading_id in (select reading_id from readings)
        ) as counted
            on readings.reading_id = counted.reading_id
        inner join fct_usage_events as events
            on counted.event_id = events.event_id and readings.known_from_at >= events.landed_at
        group by readings.rated_usage_id
    ),
    meters as (
        select usage.rated_usage_id, max_by(meters.unit, meters.effective_from_at) as unit
        from usage
        inner join dim_meters as meters
            on
                usage.meter_id = meters.meter_id
                and usage.segment_start_at >= meters.effective_from_at
        group by usage.rated_usage_id
    )
    select
        usage.rated_usage_id, usage.plan_line_id, usage.plan_version_id, usage.meter_id,
        usage.charge_model, usage.version, usage.quantity, usage.billable_quantity,
        usage.net_amount, usage.event_count, usage.segment_start_at, usage.segment_end_at,
        usage.receipt_id, coalesce(meters.unit, '') as unit, coalesce(steps.steps, []) as steps,
        events.first_event_at, events.last_event_at, events.first_event_id, events.last_event_id
    from usage
    left join steps using (rated_usage_id)
    left join events using (rated_usage_id)
    left join meters using (rated_usage_id)
"""


@dataclass(frozen=True)
class Step:
    """One step in which an amount comes about; `kind` as in fct_rated_breakdown."""

    kind: str
    tier_number: int | None
    discount_id: str | None
    units: Decimal | None
    unit_price: Decimal | None
    flat_amount: Decimal | None
    amount: Decimal


@dataclass(frozen=True)
class Explanation:
    """What a usage line stands on. `line_id` is its document_line_id.

    `net_amount` is exact, the sum of the steps, and `line_amount` is what the line asks for it:
    rounded once, with the tax where prices include it. Instants are UTC.
    """

    line_id: str
    rated_usage_id: str
    plan_line_id: str
    plan_version_id: str
    meter_id: str
    charge_model: str
    version: int
    unit: str
    quantity: Decimal
    billable_quantity: Decimal | None
    event_count: int
    first_event: tuple[datetime, str] | None
    last_event: tuple[datetime, str] | None
    starts_at: datetime
    ends_at: datetime
    steps: tuple[Step, ...]
    net_amount: Decimal
    line_amount: Decimal
    receipt_id: str | None


def read(connection: duckdb.DuckDBPyConnection, body: Body, where: str) -> tuple[Explanation, ...]:
    """The annex of an invoice, a row for each usage line, in one query; a memo has none.

    Raises MeterhouseError, about `where`, where the warehouse does not rate a line as the document
    says: an annex that explains another amount is worse than none.
    """
    lines = _usage_lines(body)
    if not lines:
        return ()
    ids = [line["rated_usage_id"] for line in lines]
    found = {row["rated_usage_id"]: row for row in rows(connection, USAGE, ids)}
    return explain(body, found, where)


def explain(
    body: Body, usage: Mapping[str, Mapping[str, Any]], where: str
) -> tuple[Explanation, ...]:
    """The annex from rows of rated usage, by rated_usage_id. Raises MeterhouseError as `read`."""
    annex = []
    for line in _usage_lines(body):
        row = usage.get(line["rated_usage_id"])
        if row is None:
            raise _differs(where, line, f"rated usage {line['rated_usage_id']} is not there")
        annex.append(_explanation(line, row))
        _check(annex[-1], line, body["minor_unit"], where)
    return tuple(annex)


def _usage_lines(body: Body) -> Sequence[Mapping[str, Any]]:
    if body["document_kind"] != "invoice":
        return ()  # a line of a memo is a difference of two ratings
    return [line for line in body["lines"] if line.get("rated_usage_id")]


def _explanation(line: Mapping[str, Any], row: Mapping[str, Any]) -> Explanation:
    return Explanation(
        line_id=line["document_line_id"],
        rated_usage_id=row["rated_usage_id"],
        plan_line_id=row["plan_line_id"],
        plan_version_id=row["plan_version_id"],
        meter_id=row["meter_id"],
        charge_model=row["charge_model"],
        version=row["version"],
        unit=row["unit"],
        quantity=row["quantity"],
        billable_quantity=row["billable_quantity"],
        event_count=row["event_count"] or 0,
        first_event=_event(row, "first"),
        last_event=_event(row, "last"),
        starts_at=row["segment_start_at"],
        ends_at=row["segment_end_at"],
        steps=tuple(
            Step(kind=step["step_kind"], **{key: step[key] for key in step if key != "step_kind"})
            for step in row["steps"]
        ),
        net_amount=row["net_amount"],
        line_amount=Decimal(line.get("price_amount") or line["amount"]),
        receipt_id=row["receipt_id"],
    )


def _event(row: Mapping[str, Any], which: str) -> tuple[datetime, str] | None:
    at = row[f"{which}_event_at"]
    return None if at is None else (at, row[f"{which}_event_id"])


def _check(explanation: Explanation, line: Mapping[str, Any], minor_unit: int, where: str) -> None:
    """The steps make the exact amount, that is the line's, and the line only rounds it."""
    net, asked = explanation.net_amount, explanation.line_amount
    made = sum((step.amount for step in explanation.steps), Decimal(0))
    if made != net:
        raise _differs(where, line, f"its steps make {plain(made)}, and it is rated {plain(net)}")
    if net != Decimal(line["exact_amount"]):
        stated = plain(Decimal(line["exact_amount"]))
        raise _differs(where, line, f"it was issued for {stated}, and is rated {plain(net)}")
    if abs(asked - net) >= Decimal(1).scaleb(-minor_unit):
        raise _differs(where, line, f"{plain(asked)} is not {plain(net)} rounded")
    if line.get("receipt_id") != explanation.receipt_id:
        raise _differs(where, line, "it is rated under another receipt")


def _differs(where: str, line: Mapping[str, Any], what: str) -> MeterhouseError:
    return MeterhouseError(
        f"{where}, line {line['line_number']}",
        f"the usage annex would not explain {line['description']}: {what}",
        "see exc_lock_mismatches for what changed since it was issued; --no-annex leaves it out",
    )

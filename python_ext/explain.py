"""From an amount to what it is made of: steps, plan, decision, readings and events."""

from collections.abc import Mapping
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from rich.tree import Tree

from python_ext.errors import MeterhouseError

SHOWN = 20
"""Readings that are shown one by one; of the others, how many there are."""


def explain(database: Path, subject_id: str) -> Tree:
    """The tree behind an invoice line or a row of rated usage, read from published marts.

    `subject_id` is an invoice_line_id or a rated_usage_id. Amounts are in the currency of the
    contract, quantities in the unit of the meter, both exact. Raises MeterhouseError where there is
    no published file, or nothing of that id in it.
    """
    if not database.is_file():
        raise MeterhouseError(str(database), "nothing is published", "run meterhouse build")
    with closing(duckdb.connect(database, read_only=True)) as connection:
        line = _one(connection, LINE, subject_id)
        usage = _one(connection, USAGE, line["rated_usage_id"] if line else subject_id)
        if line is None and usage is None:
            raise MeterhouseError(
                subject_id,
                f"no invoice line and no rated usage in {database} has this id",
                "take one from fct_invoice_lines or fct_rated_usage",
            )
        tree = Tree(_invoice_line(line)) if line else Tree(_rated_usage(usage or {}))
        if usage:
            _grow(connection, tree.add(_rated_usage(usage)) if line else tree, usage)
        return tree


LINE = """
    select lines.*, invoices.currency_code, invoices.status, invoices.tenant_id
    from fct_invoice_lines as lines
    inner join fct_invoices as invoices
        on lines.invoice_id = invoices.invoice_id and lines.version = invoices.version
    where lines.invoice_line_id = ?
"""

USAGE = "select * from fct_rated_usage where rated_usage_id = ?"

STEPS = "select * from fct_rated_breakdown where rated_usage_id = ? order by step_number"

PLAN = "select * from dim_plan_versions where plan_version_id = ?"

DECISION = """
    select decisions.*
    from fct_receipts as receipts
    inner join dim_policy_decisions as decisions
        on receipts.policy_decision_id = decisions.policy_decision_id
    where receipts.receipt_id = ?
"""

READINGS = """
    select reading_id, sequence, quantity, event_count, period_start_at, period_end_at
    from fct_rated_usage_readings
    where rated_usage_id = ?
    order by period_start_at, reading_id
"""

VERSIONS = """
    select version, reason, net_amount, delta_net_amount, currency_code, known_from_at
    from fct_rated_usage
    where contract_line_id = ? and group_value = ?
    order by version
"""

EVENTS = """
    select
        count(*) as event_count,
        arg_min(events.event_id, events.event_at) as first_event_id,
        min(events.event_at) as first_event_at,
        arg_max(events.event_id, events.event_at) as last_event_id,
        max(events.event_at) as last_event_at
    from fct_usage_events as events
    where events.event_id in (
        select reading_events.event_id
        from fct_meter_reading_events as reading_events
        where reading_events.reading_id in (
            select reading_id from fct_rated_usage_readings
            where rated_usage_id = ?
        )
    )
"""


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, *keys: str | None
) -> list[Mapping[str, Any]]:
    result = connection.execute(query, keys)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _one(
    connection: duckdb.DuckDBPyConnection, query: str, key: str | None
) -> Mapping[str, Any] | None:
    return next(iter(_rows(connection, query, key)), None)


def _grow(connection: duckdb.DuckDBPyConnection, tree: Tree, usage: Mapping[str, Any]) -> None:
    if usage["billable_quantity"] is not None:
        tree.add(f"{plain(usage['billable_quantity'])} billable, after what is free or capped")
    steps = tree.add("steps")
    for step in _rows(connection, STEPS, usage["rated_usage_id"]):
        steps.add(_step(step))
    if plan := _one(connection, PLAN, usage["plan_version_id"]):
        tree.add(
            f"plan {plan['plan_version_id']}, in force {plan['effective_from_at']:%Y-%m-%d} to "
            f"{plan['effective_to_at']:%Y-%m-%d}, recorded {plan['recorded_at']:%Y-%m-%d %H:%M}"
        )
    if decision := _one(connection, DECISION, usage["receipt_id"]):
        tree.add(
            f"decision {decision['policy_decision_id']}: {decision['effect']} by "
            f"{decision['actor_id']} under {decision['rule_id']}, {decision['decided_at']:%Y-%m-%d}"
        )
    versions = _rows(connection, VERSIONS, usage["contract_line_id"], usage["group_value"])
    if len(versions) > 1:
        branch = tree.add(f"{len(versions)} versions")
        for version in versions:
            branch.add(_version(version))
    readings = _rows(connection, READINGS, usage["rated_usage_id"])
    branch = tree.add(f"{len(readings)} readings")
    for reading in readings[:SHOWN]:
        branch.add(
            f"{reading['period_start_at']:%Y-%m-%d %H:%M} to {reading['period_end_at']:%m-%d %H:%M}"
            f": {plain(reading['quantity'])} of {reading['event_count']} events, sequence "
            f"{reading['sequence']} ({reading['reading_id']})"
        )
    if len(readings) > SHOWN:
        branch.add(f"and {len(readings) - SHOWN} more in fct_rated_usage_readings")
    events = _one(connection, EVENTS, usage["rated_usage_id"])
    if events and events["event_count"]:
        tree.add(
            f"{events['event_count']} events, from {events['first_event_id']} at "
            f"{events['first_event_at']} to {events['last_event_id']} at {events['last_event_at']}"
        )
    tree.add(f"receipt {usage['receipt_id'] or 'none: the amount is unknown'}")


def _invoice_line(line: Mapping[str, Any]) -> str:
    return (
        f"{line['description']}: {plain(line['amount'])} {line['currency_code']}, line "
        f"{line['line_number']} of {line['status']} invoice {line['invoice_id']}, "
        f"{line['tenant_id']}"
    )


def _rated_usage(usage: Mapping[str, Any]) -> str:
    amount = usage["net_amount"]
    charged = f"{plain(amount)} {usage['currency_code']}" if amount is not None else usage["status"]
    return (
        f"{plain(usage['quantity'])} of {usage['meter_id']} on {usage['plan_line_id']}: {charged}, "
        f"{usage['segment_start_at']:%Y-%m-%d} to {usage['segment_end_at']:%Y-%m-%d}, version "
        f"{usage['version']} ({usage['rated_usage_id']})"
    )


def _version(version: Mapping[str, Any]) -> str:
    known = version["known_from_at"]
    amounts = [version["net_amount"], version["delta_net_amount"]]
    net, delta = ("unknown" if amount is None else plain(amount) for amount in amounts)
    return (
        f"version {version['version']}: {net} {version['currency_code']}, {delta} more, "
        f"{version['reason'].replace('_', ' ')}, known from {known:%Y-%m-%d %H:%M}"
    )


def _step(step: Mapping[str, Any]) -> str:
    what = step["step_kind"].replace("_", " ")
    if step["step_kind"] == "tier":
        flat = f" + {plain(step['flat_amount'])}" if step["flat_amount"] else ""
        units = f"{plain(step['units'])} x {plain(step['unit_price'])}"
        what = f"tier {step['tier_number']}: {units}{flat}"
    elif step["step_kind"] == "discount":
        what = f"discount {step['discount_id']}"
    return f"{what} = {plain(step['amount'])}"


def plain(number: Decimal) -> str:
    """A decimal without trailing zeros and without an exponent: 1.500 is 1.5, 100 is 100."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text

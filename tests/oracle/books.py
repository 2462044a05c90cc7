"""Plans as rows: contracts with many lines each, events to land, and what the models made of it."""

import itertools
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from tests.conformance.names import CATEGORY, DATES, INSTANTS, PACK, RECORDED, RECORDED_AT
from tests.oracle.plans import Plan
from tests.oracle.rating import Line, Rating, Usage, rate_parts

MONTH = datetime(2023, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Contract:
    """In force from a day of May 2023 to its end, and perhaps closed on a day in between.

    The hours of usage are counted from `first_day`.
    """

    currency_code: str
    minor_unit: int
    start_day: int = 1
    close_day: int | None = None
    first_day: int = 1

    @property
    def shares(self) -> list[Fraction]:
        """What each of its parts is of the month."""
        days = [self.start_day, *([self.close_day] if self.close_day else []), 32]
        return [Fraction(end - start, 31) for start, end in itertools.pairwise(days)]


CONTRACTS = (
    Contract("USD", 2),
    Contract("USD", 2, close_day=16, first_day=8),
    Contract("USD", 2, start_day=15, first_day=15),
    Contract("JPY", 0, start_day=15, first_day=15),
    Contract("KWD", 3, close_day=16, first_day=8),
    Contract("JPY", 0),
)


def contract_id(number: int) -> str:
    return f"oracle-{number}"


def meter_id(place: int) -> str:
    return f"oracle.{place}"


def line_id(place: int, plan: Plan) -> str:
    return f"{contract_id(plan.contract)}@1:{place}"


def catalogue_rows(plans: Sequence[Plan]) -> Mapping[str, list[tuple[str, Row]]]:
    """File -> rows with the id of the line or contract that each is of."""
    rows: dict[str, list[tuple[str, Row]]] = defaultdict(list)
    for number, contract in enumerate(CONTRACTS):
        for file, row in _contract(contract_id(number), contract):
            rows[file].append((contract_id(number), row))
    for place, plan in enumerate(plans):
        name = line_id(place, plan)
        for file, row in _line(name, meter_id(place), plan):
            rows[file].append((name, row))
    return rows


def _contract(name: str, contract: Contract) -> Iterator[tuple[str, Row]]:
    yield (
        "tenants",
        {
            "tenant_id": name,
            "tenant_name": name,
            "tier_id": "enterprise",
            "region": "us-east",
            "country_code": "US",
            "tax_region": "US-NY",
            "customer_kind": "business",
            "billing_currency_code": contract.currency_code,
            "is_internal": "false",
        },
    )
    plan = {"plan_id": name, "sku": name, "plan_name": name, "edition": "hosted_saas"}
    yield "price_plans", {**plan, "billing_interval": "month"}
    version = {"plan_version_id": f"{name}@1", "plan_id": name, "version": 1}
    yield "plan_versions", {**version, **DATES, **RECORDED}
    yield (
        "contracts",
        {
            "contract_id": name,
            "tenant_id": name,
            "plan_id": name,
            "contract_type": "annual",
            "currency_code": contract.currency_code,
            "start_date": f"2023-05-{contract.start_day:02}",
            "end_date": "2023-06-01",
            "billing_interval": "month",
            "payment_terms_days": 30,
            "issuing_entity_id": "summit-us",
            **RECORDED,
        },
    )
    yield "contract_packs", {"contract_id": name, "pack_id": PACK}
    if contract.close_day:
        close = {"contract_id": name, "close_date": f"2023-05-{contract.close_day:02}"}
        yield "interim_closes", {**close, **RECORDED}


def _line(name: str, meter: str, plan: Plan) -> Iterator[tuple[str, Row]]:
    line, currency_code = plan.line, CONTRACTS[plan.contract].currency_code
    is_grouped = line.tiers_per == "group"
    yield (
        "meters",
        {
            "meter_id": meter,
            "meter_name": meter,
            "category": CATEGORY,
            "event_type": meter,
            "group_by": "region" if is_grouped else "",
            "value_field": "quantity",
            "aggregation": "sum",
            "base_window": "1h",
            "reading_window": "month",
            "unit": "units",
            "is_billable": "true",
            "keeps_values": "true" if line.is_by_event else "false",
            "recorded_at": RECORDED_AT,
            **INSTANTS,
        },
    )
    yield (
        "plan_lines",
        {**_options(line), "plan_line_id": name, "meter_id": meter}
        | {
            "plan_version_id": name.split(":")[0],
            "amount_key": "price" if any(event.amount is not None for event in plan.events) else "",
        },
    )
    key = {"plan_line_id": name, "currency_code": currency_code}
    for group, ladder in line.ladders.items():
        for number, tier in enumerate(ladder, start=1):
            yield (
                "plan_line_tiers",
                {
                    **key,
                    "group_value": group,
                    "tier_number": number,
                    "up_to_quantity": _text(tier.up_to),
                    "unit_price": _text(tier.unit_price),
                    "flat_amount": _text(tier.flat_amount),
                    "block_size": _text(tier.block_size) if "blocks" in line.charge_model else "",
                },
            )
    terms = _terms(line)
    if any(value != "" for value in terms.values()):
        yield "plan_line_terms", {**key, **terms}
    for sequence, ratio in enumerate(line.discounts, start=1):
        yield (
            "discounts",
            {
                "discount_id": f"{name}:{9 - sequence}",
                "contract_id": contract_id(plan.contract),
                "line_code": name.split(":")[1],
                "discount_ratio": _text(ratio),
                "sequence": sequence,
                "start_date": "2000-01-01",
                "end_date": "9999-12-31",
                **RECORDED,
            },
        )


def _options(line: Line) -> Row:
    conversion = line.conversion
    is_rounded = conversion.function != ""
    return {
        "line_kind": "usage",
        "pack_id": PACK,
        "charge_model": line.charge_model,
        "environments": "production",
        "free_quantity": _text(line.free_quantity),
        "package_size": _text(line.package_size) if line.charge_model == "package" else "",
        "package_rounding": line.package_rounding,
        "flat_at_zero": "charged" if line.is_flat_charged_at_zero else "not_charged",
        "volume_edge": line.volume_edge,
        "tiers_per": line.tiers_per,
        "split_rating": line.split_rating,
        "unit_multiplier": conversion.multiplier,
        "unit_divisor": conversion.divisor,
        "rounding_function": conversion.function,
        "rounding_precision": conversion.precision if is_rounded else "",
    }


def _terms(line: Line) -> Row:
    terms = line.terms
    commits = terms.commitment_amount is not None or terms.commitment_quantity is not None
    is_fair = terms.fair_use_quantity is not None
    return {
        "minimum_amount": _text(terms.minimum),
        "maximum_amount": _text(terms.maximum),
        "fixed_amount_per_event": _text(terms.fixed_per_event),
        "free_event_count": "" if terms.free_events is None else terms.free_events,
        "free_event_amount": _text(terms.free_amount),
        "minimum_amount_per_event": _text(terms.minimum_per_event),
        "maximum_amount_per_event": _text(terms.maximum_per_event),
        "commitment_amount": _text(terms.commitment_amount),
        "commitment_quantity": _text(terms.commitment_quantity),
        "commitment_window": terms.commitment_window if commits else "",
        "overage_factor": _text(terms.overage_factor) if commits else "",
        "is_trued_up": str(terms.is_trued_up).lower() if commits else "",
        "fair_use_quantity": _text(terms.fair_use_quantity),
        "fair_use_policy": terms.fair_use_policy if is_fair else "",
        "fair_use_unit_price": _text(terms.fair_use_unit_price) if is_fair else "",
    }


def _text(number: Decimal | None) -> str:
    return "" if number is None else f"{number:f}"


def land(plans: Sequence[Plan], landing: Path) -> None:
    """All usage in one file, landed after the month; what was overstated is taken back."""
    path = landing / "usage_events" / "landed=20230610T000000Z" / "events.ndjson"
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8") as stream:
        for place, plan in enumerate(plans):
            for number, event in enumerate(plan.events):
                more = plan.overstated if number == 0 else Decimal(0)
                stream.write(_landed(place, plan, number, event.quantity + more) + "\n")
            if plan.overstated:
                stream.write(_landed(place, plan, 0, -plan.overstated, "correction") + "\n")


def _landed(place: int, plan: Plan, number: int, quantity: Decimal, correction: str = "") -> str:
    event, event_id = plan.events[number], f"{meter_id(place)}:{number}"
    start = MONTH + (CONTRACTS[plan.contract].first_day - 1) * DAY
    at = start + timedelta(hours=event.hour, minutes=number)
    metadata: dict[str, Any] = {"region": event.group}
    if event.amount is not None:
        metadata["price"] = f"{event.amount:f}"
    if correction:
        metadata["corrects_event_id"] = event_id
    return json.dumps(
        {
            "id": f"{event_id}:{correction}" if correction else event_id,
            "tenant_id": contract_id(plan.contract),
            "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "category": CATEGORY,
            "type": meter_id(place),
            "quantity": f"{quantity:f}",
            "metadata": metadata,
        }
    )


def expected(plan: Plan) -> list[Rating]:
    """The oracle's rating of each part of the plan's month."""
    contract = CONTRACTS[plan.contract]
    cut = 24 * (contract.close_day - contract.first_day) if contract.close_day else None
    parts: list[list[Usage]] = [[] for _ in contract.shares]
    for event in sorted(plan.events, key=lambda event: event.hour):
        parts[0 if cut is None or event.hour < cut else 1].append(event)
    return rate_parts(plan.line, parts, contract.shares, contract.minor_unit)


@dataclass(frozen=True)
class Found:
    """What the models have of one part of a line: amounts, the sum of its steps, its lines."""

    net_amount: Decimal | None
    breakdown_amount: Decimal | None
    invoiced_amount: Decimal | None
    row_count: int


def found(database: Path) -> Mapping[str, list[Found]]:
    """By plan line, its parts in order of time."""
    rows: dict[str, list[Found]] = defaultdict(list)
    with duckdb.connect(database, read_only=True) as connection:
        for name, *values in connection.execute(QUERY).fetchall():
            rows[name].append(Found(*values))
    return rows


QUERY = """
with steps as (
    select rated_usage_id, sum(amount) as amount
    from fct_rated_breakdown
    group by all
)

select
    usage.plan_line_id,
    case when count(usage.net_amount) = count(*) then sum(usage.net_amount) end as net_amount,
    sum(coalesce(steps.amount, 0)),
    sum(line.amount),
    count(*)
from fct_rated_usage as usage
left join steps using (rated_usage_id)
left join fct_invoice_lines as line using (rated_usage_id)
where usage.is_current and usage.plan_line_id like 'oracle-%'
group by usage.plan_line_id, usage.segment_start_at
order by usage.plan_line_id, usage.segment_start_at
"""

"""The rules for what is agreed with one contract or family: grants, pools, rebates, windows.

The rules for coupons, taxes and grants of money stand in `catalogue_settlement`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from python_ext.catalogue_billing import last_days
from python_ext.catalogue_rows import Catalogue, Finding, Row, Rule

ADDITIVE = ("sum", "count")
"""Aggregations that are the sum of their hours."""


def _unit_grants(catalogue: Catalogue) -> Iterator[Finding]:
    """Grants are drawn by the hour, from what adds up hour by hour."""
    sums = {row["meter_id"] for row in catalogue["meters"] if row["aggregation"] in ADDITIVE}
    ends = last_days(catalogue)
    terms = {
        row["contract_id"]: (row["start_date"], ends[row["contract_id"]])
        for row in catalogue["contracts"]
    }
    for row in catalogue["unit_grants"]:
        start, end = terms[row["contract_id"]]
        others = [meter for meter in row["meter_ids"] or () if meter not in sums]
        for is_broken, broken, remedy in (
            (
                others,
                f"meter_ids names {', '.join(others)}, which does not add up hour by hour",
                "name meters that sum or count",
            ),
            (
                any(_past_the_hour(row[column]) for column in ("effective_at", "expires_at")),
                "effective_at and expires_at are full hours",
                "move them to the start of an hour",
            ),
            (
                row["recurrence"] == "none" and row["rollover_limit_quantity"] is not None,
                "a grant that does not recur has nothing to roll over",
                "empty rollover_limit_quantity, or make recurrence month",
            ),
            (
                row["effective_at"].date() >= end or row["expires_at"].date() <= start,
                f"the grant is not in force on any day of contract {row['contract_id']}",
                "correct effective_at and expires_at, or name another contract",
            ),
        ):
            if is_broken:
                yield Finding("unit_grants.csv", row.number, broken, remedy)


def _pooled_lines(catalogue: Catalogue) -> Iterator[Finding]:
    models = ("graduated", "volume", "package")
    for row in catalogue["plan_lines"]:
        if row["pooled_over"] == "family" and row["charge_model"] not in models:
            broken = f"a line pooled over a family is {', '.join(models)}"
            remedy = "change its charge_model, or empty pooled_over"
            yield Finding("plan_lines.csv", row.number, broken, remedy)


def _line_codes(catalogue: Catalogue) -> Mapping[str, Mapping[str, set[str | None]]]:
    """Contract -> codes of its plan's lines, in any version -> their meters."""
    plans = {row["plan_version_id"]: row["plan_id"] for row in catalogue["plan_versions"]}
    codes: dict[str, dict[str, set[str | None]]] = defaultdict(lambda: defaultdict(set))
    for row in catalogue["plan_lines"]:
        code = row["plan_line_id"].removeprefix(f"{row['plan_version_id']}:")
        codes[plans[row["plan_version_id"]]][code].add(row["meter_id"])
    return {row["contract_id"]: codes[row["plan_id"]] for row in catalogue["contracts"]}


def _volume_rebates(catalogue: Catalogue) -> Iterator[Finding]:
    file, codes = "volume_rebates.csv", _line_codes(catalogue)
    currencies = {row["contract_id"]: row["currency_code"] for row in catalogue["contracts"]}
    ladders: dict[str, list[Row]] = defaultdict(list)
    for row in catalogue["volume_rebates"]:
        ladders[row["rebate_id"]].append(row)
    for rebate, rows in ladders.items():
        first, *others = ladder = sorted(rows, key=lambda row: (row["tier_number"], row.number))
        currency = currencies[first["contract_id"]]
        same = ("contract_id", "line_code", "currency_code", "start_date", "end_date")
        if not any(codes[first["contract_id"]].get(first["line_code"], ())):
            broken = f"line_code {first['line_code']} is no usage line of the contract's plan"
            yield Finding(
                file, first.number, broken, "name what follows the colon in plan_lines.csv"
            )
        if first["currency_code"] != currency:
            broken = f"contract {first['contract_id']} is in {currency}"
            yield Finding(file, first.number, broken, f"price the tiers in {currency}")
        for place, row in enumerate(ladder, start=1):
            if row["tier_number"] != place:
                broken = f"the tiers of {rebate} leave a gap: tier_number {place} is missing"
                yield Finding(file, row.number, broken, "number them 1, 2, 3")
                break
        for former, row in zip(ladder, others, strict=False):
            if row["above_quantity"] <= former["above_quantity"]:
                broken = f"above_quantity of the tiers of {rebate} does not rise"
                yield Finding(file, row.number, broken, "put them in order")
            if any(row[column] != first[column] for column in same):
                broken = f"the tiers of {rebate} differ in one of {', '.join(same)}"
                yield Finding(file, row.number, broken, "make them agree, or name another rebate")


def _time_of_day_commitments(catalogue: Catalogue) -> Iterator[Finding]:
    file, codes = "time_of_day_commitments.csv", _line_codes(catalogue)
    sums = {row["meter_id"] for row in catalogue["meters"] if row["aggregation"] in ADDITIVE}
    for row in catalogue["time_of_day_commitments"]:
        meters = codes[row["contract_id"]].get(row["line_code"], set())
        if not meters or not meters <= sums:
            code = f"line_code {row['line_code']}"
            broken = f"{code} is no line of the contract's plan with a meter that sums or counts"
            yield Finding(file, row.number, broken, "name what follows the colon in plan_lines.csv")
        if (row["committed_quantity"] is None) == (row["committed_amount"] is None):
            broken = "a commitment is to a committed_quantity or to a committed_amount"
            yield Finding(file, row.number, broken, "fill in one of them")


def _contract_quantities(catalogue: Catalogue) -> Iterator[Finding]:
    """What is contracted is counted for fees per unit; usage has a meter."""
    plans = {row["plan_version_id"]: row["plan_id"] for row in catalogue["plan_versions"]}
    fees = {
        (plans[row["plan_version_id"]], row["plan_line_id"].removeprefix(f"{version}:"))
        for row in catalogue["plan_lines"]
        if row["line_kind"] != "usage" and row["charge_model"] == "per_unit"
        for version in (row["plan_version_id"],)
    }
    held = defaultdict(set)
    for row in catalogue["contracts"]:
        held[row["contract_id"]].add(row["plan_id"])
    for row in catalogue["contract_plan_changes"]:
        held[row["contract_id"]].add(row["plan_id"])
    for row in catalogue["contract_quantities"]:
        if not any((plan, row["line_code"]) in fees for plan in held[row["contract_id"]]):
            broken = f"line_code {row['line_code']} is no fee per unit of the contract's plan"
            remedy = "name what follows the colon in plan_lines.csv"
            yield Finding("contract_quantities.csv", row.number, broken, remedy)


def _past_the_hour(instant: datetime) -> bool:
    return bool(instant.minute or instant.second or instant.microsecond)


AGREEMENT_RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("plan_lines",), _pooled_lines),
    (
        (
            *("contract_quantities", "contracts", "contract_plan_changes"),
            *("plan_versions", "plan_lines"),
        ),
        _contract_quantities,
    ),
    (("unit_grants", "contracts", "billing_terms", "meters"), _unit_grants),
    (("volume_rebates", "contracts", "plan_versions", "plan_lines"), _volume_rebates),
    (
        ("time_of_day_commitments", "contracts", "plan_versions", "plan_lines", "meters"),
        _time_of_day_commitments,
    ),
)
"""The files that a rule reads, and the rule."""

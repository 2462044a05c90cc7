"""The rules for when a contract is billed: intervals, trial, service, renewal."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from python_ext.catalogue_rows import Catalogue, Finding, Row, Rule

FILE = "billing_terms.csv"


def last_days(catalogue: Catalogue) -> Mapping[str, date]:
    """Contract -> the end of its range; one that renews itself has none yet."""
    renewing = {
        row["contract_id"] for row in catalogue["billing_terms"] if row["auto_renew_months"]
    }
    return {
        row["contract_id"]: date.max if row["contract_id"] in renewing else row["end_date"]
        for row in catalogue["contracts"]
    }


def _billing_terms(catalogue: Catalogue) -> Iterator[Finding]:
    contracts = {row["contract_id"]: row for row in catalogue["contracts"]}
    ends = last_days(catalogue)
    for row in catalogue["billing_terms"]:
        contract, end = contracts[row["contract_id"]], ends[row["contract_id"]]
        trial, service = row["trial_end_date"], (row["service_from_at"], row["service_to_at"])
        for is_broken, broken, remedy in (
            (
                not (row["start_date"] < end and contract["start_date"] < row["end_date"]),
                f"it is not in force on any day of contract {row['contract_id']}",
                "correct start_date and end_date, or name another contract",
            ),
            (
                row["anchor_date"] and row["anchor"] != "anniversary",
                "an anchor_date is of anchor anniversary",
                "empty it, or make anchor anniversary",
            ),
            (
                trial and not contract["start_date"] < trial < end,
                f"trial_end_date {trial} is not inside the contract",
                "correct it; it is the first day that is charged",
            ),
            (
                None not in service and service[0] >= service[1],
                "service_to_at is not after service_from_at",
                "correct one of the two",
            ),
            (
                row["cancelled_date"] and not row["auto_renew_months"],
                "a contract that does not renew itself has no cancelled_date",
                "fill in auto_renew_months, or end the contract by its end_date",
            ),
        ):
            if is_broken:
                yield Finding(FILE, row.number, broken, remedy)


def _weeks(catalogue: Catalogue) -> Iterator[Finding]:
    """A week is no part of a month, so no fee and no commitment of one is of the other."""
    priced = {row["plan_id"]: row["billing_interval"] for row in catalogue["price_plans"]}
    plans = defaultdict(set)
    for row in (*catalogue["contracts"], *catalogue["contract_plan_changes"]):
        plans[row["contract_id"]].add(row["plan_id"])
    terms: dict[str, list[Row]] = defaultdict(list)
    for row in catalogue["billing_terms"]:
        terms[row["contract_id"]].append(row)
    weekly: set[str] = set()
    for contract in catalogue["contracts"]:
        key, usual = contract["contract_id"], contract["billing_interval"]
        if usual == "week":
            weekly |= {key, *plans[key]}
        stated = [(FILE, row, row["fee_interval"] or usual) for row in terms[key]]
        for file, row, interval in stated or [("contracts.csv", contract, usual)]:
            for plan in sorted(plans[key]):
                if (interval == "week") != (priced[plan] == "week"):
                    broken = f"fees by the {interval} are of plan {plan}, priced by {priced[plan]}"
                    remedy = "bill and price fees by week, or neither of them"
                    yield Finding(file, row.number, broken, remedy)
    sold = {row["plan_version_id"]: row["plan_id"] for row in catalogue["plan_versions"]}
    for row in catalogue["commitments"]:
        of = row["contract_id"] or sold.get(row["plan_version_id"] or "")
        if of in weekly:
            broken = f"{of} is billed by week, and a commitment is of a month"
            remedy = "bill it by month or longer, or take the commitment away"
            yield Finding("commitments.csv", row.number, broken, remedy)


BILLING_RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("billing_terms", "contracts"), _billing_terms),
    (
        (
            *("billing_terms", "contracts", "contract_plan_changes"),
            *("price_plans", "plan_versions", "commitments"),
        ),
        _weeks,
    ),
)
"""The files that a rule reads, and the rule."""

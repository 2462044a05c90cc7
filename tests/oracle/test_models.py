"""The models rate thousands of random plans as the oracle does, to the last decimal."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import pytest

from python_ext import catalogue, catalogue_rules
from python_ext.runner import Scope
from tests.conformance.stage import write_rows
from tests.oracle.books import CONTRACTS, Found, catalogue_rows, expected, found, land, line_id
from tests.oracle.plans import Plan, draw_plans
from tests.oracle.rating import ZERO, billed, total
from tests.scenarios.conftest import Warehouse

COUNT, NUMBER = 2000, 20230501


@pytest.fixture(scope="module")
def plans() -> list[Plan]:
    return draw_plans(COUNT, NUMBER, len(CONTRACTS))


@pytest.fixture(scope="module")
def rated(plans: list[Plan], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Found]]:
    """All plans, through one build."""
    warehouse = Warehouse(tmp_path_factory.mktemp("oracle"))
    root = warehouse.settings.root
    folder = warehouse.folder / "catalogue"
    folder.mkdir()
    owners = write_rows(catalogue_rows(plans), folder, root / "seeds" / "catalogue")
    seeds = catalogue.lay_over(root / "seeds", folder, root / ".catalogue")
    findings = catalogue_rules.check(seeds)
    assert not findings, (findings[0], owners.get((findings[0].file, findings[0].row)))
    land(plans, warehouse.settings.landing)
    select = ("+fct_rated_breakdown", "+fct_invoice_lines")
    warehouse.build(seeds, Scope(select=select, is_checked=False))
    return found(warehouse.settings.database)


def is_split(plan: Plan) -> bool:
    """Whether the month is cut in parts that are rated as one."""
    return len(CONTRACTS[plan.contract].shares) > 1 and plan.line.split_rating == "cumulative"


def is_due_at_the_end(plan: Plan) -> bool:
    """Whether a part may rightly leave something for the last one: a minimum, a true-up."""
    terms = plan.line.terms
    commits = terms.commitment_amount is not None or terms.commitment_quantity is not None
    return terms.minimum is not None or (commits and terms.is_trued_up)


def is_limited(plan: Plan) -> bool:
    """Whether something of a whole period limits or frees what a part of it is charged."""
    terms = plan.line.terms
    limits = (terms.maximum, terms.commitment_amount, terms.commitment_quantity)
    return bool(plan.line.free_quantity) or terms.fair_use_policy != "notify" or any(limits)


def is_bounded_as_a_line(plan: Plan) -> bool:
    """Whether bounds or a commitment are of a line whose groups are rows of their own."""
    return plan.line.tiers_per == "group" and (is_due_at_the_end(plan) or is_limited(plan))


Placed = tuple[int, Plan]
"""A plan with its place among those that were rated, which is in the names of its rows."""


def differing(plans: Iterable[Placed], rated: Mapping[str, list[Found]]) -> list[str]:
    """What the models have otherwise than the oracle, the shortest plan first.

    Parts of a month are compared one by one, but only their sum where something is due at its end.
    """
    differences = []
    for place, plan in plans:
        wanted = [rating.net for rating in expected(plan)]
        parts = rated[line_id(place, plan)]
        got = [ZERO if part.net_amount is None else part.net_amount for part in parts]
        if is_split(plan) and is_due_at_the_end(plan):
            wanted, got = [total(wanted)], [total(got)]
        if wanted != got or any(part.net_amount is None for part in parts):
            texts = [str(amount) for amount in wanted], [str(amount) for amount in got]
            differences.append(f"{plan}: expected {texts[0]}, got {texts[1]}")
    return sorted(differences, key=len)


def awaits_limits_in_parts(plan: Plan) -> bool:
    return is_split(plan) and is_limited(plan) and not is_due_at_the_end(plan)


def test_random_plans_are_rated_to_the_last_decimal(
    plans: list[Plan], rated: Mapping[str, list[Found]]
) -> None:
    compared = [
        (place, plan)
        for place, plan in enumerate(plans)
        if not awaits_limits_in_parts(plan) and not is_bounded_as_a_line(plan)
    ]
    differences = differing(compared, rated)
    assert not differences, f"{len(differences)} of {len(compared)} differ: {differences[0]}"


def test_a_period_that_is_only_cut_keeps_its_limits_whole(
    plans: list[Plan], rated: Mapping[str, list[Found]]
) -> None:
    compared = [(n, plan) for n, plan in enumerate(plans) if awaits_limits_in_parts(plan)]
    differences = differing(compared, rated)
    assert not differences, f"{len(differences)} of {len(compared)} differ: {differences[0]}"


def test_bounds_and_commitments_are_of_the_line_and_not_of_each_group(
    plans: list[Plan], rated: Mapping[str, list[Found]]
) -> None:
    compared = [(n, plan) for n, plan in enumerate(plans) if is_bounded_as_a_line(plan)]
    differences = differing(compared, rated)
    assert not differences, f"{len(differences)} of {len(compared)} differ: {differences[0]}"


def test_the_steps_of_a_line_add_up_to_its_amount(rated: Mapping[str, list[Found]]) -> None:
    parts = [part for line in rated.values() for part in line]
    assert all(part.breakdown_amount == part.net_amount for part in parts)


def overcharged(
    plans: Iterable[Placed], rated: Mapping[str, list[Found]]
) -> list[tuple[Plan, Decimal]]:
    """Plans whose invoice lines do not make up what they cost, rounded once; and by how much."""
    found = []
    for place, plan in plans:
        parts = rated[line_id(place, plan)]
        whole = total(rating.net for rating in expected(plan))
        invoiced = total(part.invoiced_amount or ZERO for part in parts)
        difference = invoiced - billed(whole, CONTRACTS[plan.contract].minor_unit)
        if difference and all(part.row_count == 1 for part in parts):
            found.append((plan, difference))
    return found


def test_a_line_is_rounded_to_the_minor_unit_on_the_invoice(
    plans: list[Plan], rated: Mapping[str, list[Found]]
) -> None:
    compared = [
        (place, plan)
        for place, plan in enumerate(plans)
        if len(CONTRACTS[plan.contract].shares) == 1 and not is_bounded_as_a_line(plan)
    ]
    assert overcharged(compared, rated) == []


def test_parts_are_invoiced_so_that_they_make_up_the_whole(
    plans: list[Plan], rated: Mapping[str, list[Found]]
) -> None:
    compared = [placed for placed in enumerate(plans) if is_split(placed[1])]
    assert overcharged(compared, rated) == []

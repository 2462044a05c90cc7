"""Families of cases -> what is landed and defined for one of them. Nothing is worked out here."""

from collections.abc import Callable, Mapping

from tests.conformance import (
    aggregations,
    charges,
    cost_clusters,
    cost_commitments,
    costs,
    fees,
    invoices_totals,
    margins,
    recurring,
    recurring_rates,
)
from tests.conformance.cases import Case
from tests.conformance.families import NOT_ANSWERED
from tests.conformance.scene import OutOfScopeError, Scene

TRANSLATORS: Mapping[str, Callable[[Case], Scene]] = {
    **aggregations.TRANSLATORS,
    **charges.TRANSLATORS,
    **cost_clusters.TRANSLATORS,
    **cost_commitments.TRANSLATORS,
    **costs.TRANSLATORS,
    **fees.TRANSLATORS,
    **invoices_totals.TRANSLATORS,
    **margins.TRANSLATORS,
    **recurring.TRANSLATORS,
    **recurring_rates.TRANSLATORS,
}


def is_by_hand(case: Case) -> bool:
    """Whether its family is of those that only unit and scenario tests have."""
    is_known = case.family in TRANSLATORS or case.family in NOT_ANSWERED
    return not is_known and not case.is_of_model


def translate(case: Case) -> Scene:
    """The scene of a case. Raises OutOfScopeError, with the reason, where there is none."""
    if case.family in NOT_ANSWERED:
        raise OutOfScopeError(NOT_ANSWERED[case.family])
    if is_by_hand(case):
        raise OutOfScopeError(f"{case.file} is worked by hand in unit and scenario tests")
    if case.family not in TRANSLATORS:
        raise OutOfScopeError(f"no translator for family {case.family}")
    return TRANSLATORS[case.family](case)

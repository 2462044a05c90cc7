"""Families of cases -> what is landed and defined for one of them. Nothing is worked out here."""

from collections.abc import Callable, Mapping

from tests.conformance import aggregations, charges, fees, invoices_totals
from tests.conformance.cases import Case
from tests.conformance.families import NOT_ANSWERED
from tests.conformance.scene import OutOfScopeError, Scene

TRANSLATORS: Mapping[str, Callable[[Case], Scene]] = {
    **aggregations.TRANSLATORS,
    **charges.TRANSLATORS,
    **fees.TRANSLATORS,
    **invoices_totals.TRANSLATORS,
}


def translate(case: Case) -> Scene:
    """The scene of a case. Raises OutOfScopeError, with the reason, where there is none."""
    if case.is_by_hand:
        raise OutOfScopeError(f"{case.file} is worked by hand in unit and scenario tests")
    if case.family in NOT_ANSWERED:
        raise OutOfScopeError(NOT_ANSWERED[case.family])
    if case.family not in TRANSLATORS:
        raise OutOfScopeError(f"no translator for family {case.family}")
    return TRANSLATORS[case.family](case)

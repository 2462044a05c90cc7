"""The rules for budgets: each is of the company, of a tenant or of a pack."""

from collections.abc import Iterator

from python_ext.catalogue_rows import Catalogue, Finding, Rule


def _budgets(catalogue: Catalogue) -> Iterator[Finding]:
    for row in catalogue["budgets"]:
        if row["tenant_id"] and row["pack_id"]:
            broken = "a budget is of a tenant or of a pack, and this names both"
            remedy = "empty one of the two; empty both for the company"
            yield Finding("budgets.csv", row.number, broken, remedy)


BUDGET_RULES: tuple[tuple[tuple[str, ...], Rule], ...] = ((("budgets",), _budgets),)
"""The files that a rule reads, and the rule."""

"""The rules for which line of a third party's statement a cost hint is about."""

from collections.abc import Iterator
from itertools import combinations

from python_ext.catalogue_rows import Catalogue, Finding, Row, Rule

FILE = "third_party_skus.csv"


def _third_party_skus(catalogue: Catalogue) -> Iterator[Finding]:
    """A sku names lines of a statement, and no line is two skus' at once."""
    rows = catalogue["third_party_skus"]
    for row in rows:
        if not row["service_name"] and not row["sku_id"]:
            broken = "a sku without a service_name and a sku_id has no line of a statement"
            yield Finding(FILE, row.number, broken, "fill in one of them, or both")
    for first, second in combinations(rows, 2):
        if first["hint_sku"] != second["hint_sku"] and _may_share_a_line(first, second):
            broken = f"a line could be both {first['hint_sku']}'s and {second['hint_sku']}'s"
            remedy = f"tell it from row {first.number} by service_name or sku_id"
            yield Finding(FILE, second.number, broken, remedy)


def _may_share_a_line(first: Row, second: Row) -> bool:
    return (
        first["provider_name"] == second["provider_name"]
        and all(
            first[column] is None or second[column] is None or first[column] == second[column]
            for column in ("service_name", "sku_id")
        )
        and first["effective_from_date"] < second["effective_to_date"]
        and second["effective_from_date"] < first["effective_to_date"]
    )


THIRD_PARTY_RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("third_party_skus",), _third_party_skus),
)
"""The files that a rule reads, and the rule."""

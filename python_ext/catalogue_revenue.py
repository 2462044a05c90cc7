"""The rules for how revenue is recognised: policies, standalone prices and breakage."""

from collections import defaultdict
from collections.abc import Iterator

from python_ext.catalogue_rows import Catalogue, Finding, Rule

POLICIES, PRICES, BREAKAGE = (
    "revenue_policies.csv",
    "standalone_prices.csv",
    "credit_breakage.csv",
)


def _revenue_policies(catalogue: Catalogue) -> Iterator[Finding]:
    rows = catalogue["revenue_policies"]
    is_for_all = any(row["contract_id"] is None and row["line_code"] is None for row in rows)
    if catalogue["contracts"] and not is_for_all:
        yield Finding(
            POLICIES,
            1,
            "no policy holds where no other does",
            "add a row without contract_id and line_code",
        )
    for row in rows:
        if (row["one_time_over"] == "months") != (row["one_time_months"] is not None):
            yield Finding(
                POLICIES,
                row.number,
                "one_time_months goes with one_time_over months, and only with it",
                "name the months, or empty the cell",
            )


def _standalone_prices(catalogue: Catalogue) -> Iterator[Finding]:
    groups = defaultdict(set)
    residual = set()
    for row in catalogue["standalone_prices"]:
        contract, group = row["contract_id"], row["group_code"]
        at = contract, row["effective_from_date"]
        if group is None:
            if row["group_amount"] is not None:
                yield Finding(
                    PRICES, row.number, "a group_amount without a group_code", "name the group"
                )
            if row["standalone_amount"] is None:
                if at in residual:
                    yield Finding(
                        PRICES,
                        row.number,
                        f"{contract} has a second line whose price is what the others leave",
                        "estimate the standalone_amount of one of them",
                    )
                residual.add(at)
            continue
        groups[*at, group].add(row["group_amount"])
        if row["standalone_amount"] is None or row["group_amount"] is None:
            yield Finding(
                PRICES,
                row.number,
                f"a line of group {group} lacks its standalone_amount or the group_amount",
                "state both: what the line costs alone, and what the group costs together",
            )
        if len(groups[*at, group]) > 1:
            yield Finding(
                PRICES,
                row.number,
                f"group {group} has two group_amounts",
                "state the same amount in each row of the group",
            )


def _credit_breakage(catalogue: Catalogue) -> Iterator[Finding]:
    for row in catalogue["credit_breakage"]:
        if row["breakage_ratio"] >= 1:
            yield Finding(
                BREAKAGE,
                row.number,
                "breakage_ratio is 1: nothing would ever be used",
                "state less than 1; what is not used by its expiry is recognised then",
            )


REVENUE_RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("revenue_policies", "contracts"), _revenue_policies),
    (("standalone_prices",), _standalone_prices),
    (("credit_breakage",), _credit_breakage),
)

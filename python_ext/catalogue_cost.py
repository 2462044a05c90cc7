"""The rules for whose a cost is: mapping rules, and how shared cost is allocated."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from python_ext.catalogue_rows import Catalogue, Finding, Row, Rule

MAPPING, SHARES = "cost_mapping_rules.csv", "allocation_shares.csv"
HAND_ONS = 4
"""How often a cost may be handed on; `int_cost__parcels_handed_on` has as many steps."""

WINDOWS = {"hour": ("1h",), "day": ("1h", "1d"), "month": ("1h", "1d", "month")}
"""Grain of an allocation rule -> the reading windows of meters that can drive it."""


def _mapping_rules(catalogue: Catalogue) -> Iterator[Finding]:
    tenants = {row["tenant_id"] for row in catalogue["tenants"]}
    for row in catalogue["cost_mapping_rules"]:
        tenant, allocation = row["tenant_id"], row["allocation_rule_id"]
        for is_broken, broken, remedy in (
            (
                not tenant and not allocation,
                "a rule needs a tenant_id or an allocation_rule_id",
                "name a tenant, a tag that names one (tag:tenant_id), or who shares the cost",
            ),
            (
                tenant and allocation,
                "a rule has a tenant_id and an allocation_rule_id",
                "empty one: cost is one tenant's or it is shared",
            ),
            (
                tenant and not tenant.startswith("tag:") and tenant not in tenants,
                f"tenant_id names {tenant}, which is not in tenants.csv",
                "correct it, or add it there",
            ),
            (row["tag_value"] and not row["tag_key"], "a tag_value needs a tag_key", "name it"),
        ):
            if is_broken:
                yield Finding(MAPPING, row.number, broken, remedy)


def _allocation_shares(catalogue: Catalogue) -> Iterator[Finding]:
    grains = {
        (row["allocation_rule_id"], row["rule_version"]): row["driver_grain"]
        for row in catalogue["allocation_rules"]
    }
    windows = defaultdict(set)
    for row in catalogue["meters"]:
        windows[row["meter_id"]].add(row["reading_window"])
    totals: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for row in catalogue["allocation_shares"]:
        version = row["allocation_rule_id"], row["rule_version"]
        yield from _share(row, grains.get(version), windows)
        totals[version] += row["share_ratio"]
        if totals[version] > 1:
            broken = f"the shares of {version[0]} version {version[1]} exceed 1: {totals[version]}"
            yield Finding(SHARES, row.number, broken, "lower them; what they lack is unallocated")
    for row in catalogue["allocation_rules"]:
        if (row["allocation_rule_id"], row["rule_version"]) not in totals:
            broken = "a rule without a share gives its cost to nobody"
            remedy = "add a row to allocation_shares.csv"
            yield Finding("allocation_rules.csv", row.number, broken, remedy)


def _share(row: Row, grain: str | None, windows: Mapping[str, set[str]]) -> Iterator[Finding]:
    driver, meter = row["driver"], row["driver_meter_id"]
    asked = {"meter": "driver_meter_id", "rule": "next_allocation_rule_id"}
    coarse = sorted(windows[meter] - {*WINDOWS[grain]}) if meter and grain else []
    for is_broken, broken, remedy in (
        (
            grain is None,
            f"allocation_rules.csv has no version {row['rule_version']} of it",
            "correct rule_version, or add that version there",
        ),
        *(
            (
                (driver == needs) != bool(row[column]),
                f"{column} goes with driver {needs}, found driver {driver}",
                "fill it in or empty it",
            )
            for needs, column in asked.items()
        ),
        (
            row["same_as"] and driver != "direct_cost",
            "same_as goes with driver direct_cost",
            "empty it",
        ),
        (
            row["capacity_quantity"] and driver != "meter",
            "capacity_quantity goes with driver meter",
            "empty it",
        ),
        (
            row["tenant_ids"] and driver == "rule",
            "tenant_ids narrow a driver, and a rule that is handed to has its own",
            "empty them",
        ),
        (
            coarse,
            f"{meter} is read by the {', '.join(coarse)}, and cost is shared by the {grain}",
            "name a meter of shorter windows, or make driver_grain longer",
        ),
    ):
        if is_broken:
            yield Finding(SHARES, row.number, broken, remedy)


def _hand_ons(catalogue: Catalogue) -> Iterator[Finding]:
    """No cost comes back to a rule that handed it on, and none is handed on without end."""
    handed: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in catalogue["allocation_shares"]:
        if row["next_allocation_rule_id"]:
            handed[row["allocation_rule_id"]].setdefault(row["next_allocation_rule_id"], row)

    def follow(path: Sequence[str]) -> Iterator[tuple[Row, Sequence[str]]]:
        for following, row in sorted(handed[path[-1]].items()):
            if following in path or len(path) > HAND_ONS:
                yield row, [*path, following]
            else:
                yield from follow([*path, following])

    told: set[int] = set()
    for start in sorted(handed):
        for row, path in follow([start]):
            way = " to ".join(path)
            is_cycle = path[-1] in path[:-1]
            broken = (
                f"cost would come back to where it was: {way}"
                if is_cycle
                else f"cost would be handed on more than {HAND_ONS} times: {way}"
            )
            if row.number not in told:
                told.add(row.number)
                yield Finding(SHARES, row.number, broken, "hand it to tenants instead")


COST_RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("cost_mapping_rules", "tenants"), _mapping_rules),
    (("allocation_rules", "allocation_shares", "meters"), _allocation_shares),
    (("allocation_rules", "allocation_shares"), _hand_ons),
)
"""The files that a rule reads, and the rule."""

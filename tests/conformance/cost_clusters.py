"""Families of clusters that tenants share: idle cost, shared namespaces, overhead and capacity."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from re import fullmatch

from tests.conformance import inputs
from tests.conformance.cases import Case
from tests.conformance.cost_figures import figures
from tests.conformance.costs import HOUR, charge, numbers, use
from tests.conformance.months import ANY_MONTH, DAY
from tests.conformance.scene import (
    Charge,
    Cost,
    Line,
    Meter,
    OutOfScopeError,
    Part,
    Scene,
    Share,
)

IDLE, OVERHEAD = "idle", "overhead"
NO_USE = Line(Meter("sum"), ())
KEPT = (Share("meter", meter=1, capacity=Decimal(1)),)
"""Of what nobody uses all is idle: it goes with `NO_USE` as the first line."""
ALIKE = (Share("direct_cost", same_as=("cluster", "service")),)
"""By the direct cost of the same resource in the same cluster."""
WEIGHTS = {"vcpu": Decimal(9), "mem_gb": Decimal(1)}
"""What AWS holds a vCPU and a GB of memory to be worth."""
RATIO_DECIMALS = Decimal("1e-9")


def _topology(case: Case) -> tuple[tuple[str, ...], list[Charge]]:
    """Namespaces, and the charges of each and of idle, by cluster and resource."""
    clusters = case.inputs.get("topology") or case.inputs
    if not isinstance(clusters, dict):
        raise OutOfScopeError(f"no case is named {clusters}, of which the clusters are")
    charges: list[Charge] = []
    for cluster, members in clusters.items():
        if not isinstance(members, dict):
            raise OutOfScopeError(f"{cluster} is no cluster")
        for member, found in members.items():
            of_resources = numbers(found, f"cost of {member}")
            total = of_resources.pop("total", None)
            if total is not None:
                of_resources["(other)"] = total - sum(of_resources.values())
            for resource, amount in of_resources.items():
                tags = {"cluster": cluster, "resource": resource}
                tenant = "" if member == IDLE else member
                if amount:
                    service = IDLE if member == IDLE else "direct"
                    charges.append(charge(service, amount, tenant=tenant, tags=tags))
    return tuple(dict.fromkeys(found.tenant for found in charges if found.tenant)), charges


def _scene(
    case: Case,
    tenants: Sequence[str],
    charges: Sequence[Charge],
    rules: Mapping[str, tuple[Share, ...]],
    *,
    parts: Mapping[str, Part] | None = None,
    lines: Sequence[Line] = (),
) -> Scene:
    cost = Cost(tuple(tenants), tuple(charges), rules, {name: name for name in rules})
    found = figures(case, tenants, Part(), parts=parts)
    return Scene(ANY_MONTH.date(), tuple(lines), found, cost=cost)


def _idle_weighted(case: Case) -> Scene:
    return _scene(case, *_topology(case), {IDLE: ALIKE})


def _idle_kept(case: Case) -> Scene:
    return _scene(case, *_topology(case), {IDLE: KEPT}, lines=[NO_USE])


def _idle_then_overhead(case: Case) -> Scene:
    """Overhead follows direct cost, to which the idle cost that is shared does not belong."""
    tenants, charges = _topology(case)
    rules = {IDLE: ALIKE, OVERHEAD: (Share("direct_cost"),)}
    return _scene(case, tenants, [*charges, *_overhead(case)], rules)


def _filtered(case: Case) -> Scene:
    """One namespace by cluster, and the part of idle cost that is its own, by itself."""
    found = fullmatch(r"namespace=(\S+)", str(case.inputs.get("filter")))
    aggregate = case.inputs.get("aggregate")
    tenants, charges = _topology(case)
    if not found or found[1] not in tenants:
        raise OutOfScopeError("a filter names a namespace")
    if aggregate not in ("cluster", "namespace"):
        raise OutOfScopeError(f"cost is filtered by cluster or namespace, not by {aggregate}")
    own = Part(tenant=found[1], method="direct")
    clusters = {charge.tags["cluster"] for charge in charges}
    parts = {cluster: replace(own, cluster=cluster) for cluster in clusters}
    return _scene(
        case,
        tenants,
        charges,
        {IDLE: ALIKE},
        parts={
            **(parts if aggregate == "cluster" else {found[1]: own}),
            "__idle__": replace(own, method="shared"),
        },
    )


def _shared(driver: Share) -> Callable[[Case], Scene]:
    """Namespaces that the others share, or overhead, and idle cost that stays by itself."""

    def translate(case: Case) -> Scene:
        direct = numbers(case.inputs.get("direct"), "direct")
        charges = [charge("direct", amount, tenant=tenant) for tenant, amount in direct.items()]
        shared = case.inputs.get("shared")
        if shared is not None:
            charges += [charge("shared", cost) for cost in numbers(shared, "shared").values()]
        charges += _overhead(case)
        idle = inputs.optional(case.inputs.get(IDLE), IDLE)
        charges += [charge(IDLE, idle)] if idle else []
        share = replace(driver, tenants=tuple(direct))
        rules = {IDLE: KEPT, "shared": (share,), OVERHEAD: (share,)}
        return _scene(case, tuple(direct), charges, rules, lines=[NO_USE])

    return translate


def _overhead(case: Case) -> list[Charge]:
    """Overhead of a month, or of each of its hours."""
    whole = inputs.optional(case.inputs.get(OVERHEAD), OVERHEAD)
    hourly = inputs.optional(case.inputs.get("overhead_hourly"), "overhead_hourly")
    charges = [] if whole is None else [charge(OVERHEAD, whole)]
    if hourly is None:
        return charges
    hours = inputs.whole(case.inputs.get("hours"), "hours")
    if not 0 <= hours <= 31 * DAY // HOUR:
        raise OutOfScopeError("the hours are not those of a month")
    starts = [ANY_MONTH + hour * HOUR for hour in range(hours)]
    return charges + [Charge(OVERHEAD, hourly, hourly, at, at + HOUR) for at in starts]


def _split_instance(case: Case) -> Scene:
    """The cost of an instance by what each asked for of its resources, with what is left and not.

    `split` leaves idle what nobody asked for; in `total` all of it goes to those who asked.
    """
    instance, allocated = case.inputs.get("instance"), case.inputs.get("allocated")
    if not isinstance(instance, dict) or not isinstance(allocated, dict):
        raise OutOfScopeError("the case has an instance, and what is allocated of it")
    cost = inputs.number(instance.get("amortized_hourly"), "amortized_hourly")
    weights = numbers(case.inputs.get("weights") or dict(WEIGHTS), "weights")
    asked = {
        tenant: numbers(found, f"what {tenant} asked for") for tenant, found in allocated.items()
    }
    if any(set(found) != set(weights) for found in asked.values()):
        raise OutOfScopeError(f"each asks for {' and '.join(weights)}, and for nothing else")
    capacities = {name: inputs.number(instance.get(name), name) for name in weights}
    ratios = _ratios({name: weights[name] * capacities[name] for name in weights})
    hour = ANY_MONTH + DAY
    lines = [
        use({tenant: found[name] for tenant, found in asked.items()}, hour, "1h")
        for name in weights
    ]
    total = tuple(
        Share("meter", ratios[name], meter=place) for place, name in enumerate(weights, start=1)
    )
    split = tuple(
        replace(share, capacity=capacities[name])
        for share, name in zip(total, weights, strict=True)
    )
    services = {"split": "split", "total": "total", "split taken back": "split"}
    columns: dict[str, tuple[str, ...]] = {
        "split": ("split",),
        "total": ("total",),
        "unused": ("total", "split taken back"),
    }
    charges = [
        Charge(service, sign * cost, sign * cost, hour, hour + HOUR)
        for service, sign in (("split", 1), ("total", 1), ("split taken back", -1))
    ]
    expected = {
        f"{tenant} {name}": value
        for tenant, found in case.expected.items()
        for name, value in (found.items() if isinstance(found, dict) else [("total", found)])
    }
    parts = {
        f"{tenant} {name}": Part(tenant=tenant, services=found)
        for tenant in asked
        for name, found in columns.items()
    }
    return Scene(
        ANY_MONTH.date(),
        tuple(lines),
        figures(case, (), Part(), parts=parts, expected=expected),
        remark="what a resource costs of an instance is a ratio in the catalogue",
        cost=Cost(
            tuple(asked), tuple(charges), {"split": split, "total": total}, services, grain="hour"
        ),
    )


def _ratios(worth: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What each is worth of all, as the catalogue has it: with nine decimals, one in sum."""
    whole = sum(worth.values())
    if whole <= 0:
        raise OutOfScopeError("an instance has no capacity")
    *names, last = worth
    ratios = {name: (worth[name] / whole).quantize(RATIO_DECIMALS) for name in names}
    return {**ratios, last: Decimal(1) - sum(ratios.values())}


TRANSLATORS: Mapping[str, Callable[[Case], Scene]] = {
    "filter_with_separate_idle": _filtered,
    "idle_split_by_cluster": _idle_kept,
    "idle_weighted_per_cluster_per_resource": _idle_weighted,
    "idle_weighted_then_overhead_weighted": _idle_then_overhead,
    "max(reserved,used)+unused_redistributed": _split_instance,
    "overhead_weighted": _shared(Share("direct_cost")),
    "share_even": _shared(Share("even")),
    "share_weighted": _shared(Share("direct_cost")),
}

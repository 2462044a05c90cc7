"""What a case expects of cost -> figures, and where they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.conformance import inputs
from tests.conformance.cases import Case
from tests.conformance.cost_stage import tenant_id
from tests.conformance.expectations import at_most
from tests.conformance.names import allocation_rule_of, provider_of
from tests.conformance.scene import Column, Figure, OutOfScopeError, Part, Scene

SPLIT_DECIMALS = 12
"""At which the models split a cost; what is left at the last of them goes to the largest rest."""

PARTS = """
    from fct_cost_allocations as part
    inner join fct_cost_pools as pool using (cost_pool_id)
    where pool.provider = $provider
"""
COST = f"""
    select coalesce(sum(
        case $basis when 'billed' then part.billed_cost_amount else part.effective_cost_amount end
    ), 0)
    {PARTS}
        and ($sharer = '' or part.tenant_id = $sharer)
        and ($method = '' or part.allocation_method = $method)
        and ($cluster = '' or pool.cluster = $cluster)
        and ($services = '' or list_contains(string_split($services, '|'), pool.service_name))
        and ($through = '' or contains(concat(' ', part.share_path), concat(' ', $through, ':')))
"""
NOBODY_BEARS = """
    select coalesce(sum(effective_cost_amount), 0) from fct_unallocated_costs
    where provider = $provider
"""
NOT_ACCOUNTED_FOR = """
    with amounts(currency_code, billed, effective) as (
        select currency_code, billed_cost_amount, effective_cost_amount
        from fct_cost_statement_rows where is_posted and provider = $provider
        union all
        select pool.currency_code, -part.billed_cost_amount, -part.effective_cost_amount
        from fct_cost_allocations as part
        inner join fct_cost_pools as pool using (cost_pool_id)
        where pool.provider = $provider
        union all
        select currency_code, -billed_cost_amount, -effective_cost_amount
        from fct_unallocated_costs where provider = $provider
    )

    select max(difference) from (
        select greatest(abs(sum(billed)), abs(sum(effective))) as difference
        from amounts group by currency_code
    )
"""
ROWS_ROUNDED = """
    select sum(round(billed_cost_amount * $factor)) from fct_cost_statement_rows
    where is_posted and provider = $provider
"""
QUERIES: Mapping[Column, str] = {
    "refusal": "select 0",
    "cost": COST,
    "cost above zero": f"select greatest(({COST}), 0)",
    "cost below zero": f"select least(({COST}), 0)",
    "cost nobody bears": NOBODY_BEARS,
    "cost not accounted for": NOT_ACCOUNTED_FOR,
    "cost rows rounded": ROWS_ROUNDED,
    "cost month": f"select distinct 100 * year(pool.cost_month) + month(pool.cost_month){PARTS}",
    "driver month": (
        f"select distinct 100 * year(pool.driver_month) + month(pool.driver_month){PARTS}"
    ),
}
"""The query of each column that is about cost. What the catalogue is to refuse is in no table."""


def places(name: str, scene: Scene, figure: Figure) -> Mapping[str, Any]:
    """What the queries are asked with for a figure of a scene."""
    part = figure.part
    return {
        "provider": provider_of(name),
        "sharer": tenant_id(name, scene.cost, part.tenant) if part.tenant else "",
        "method": part.method,
        "cluster": part.cluster,
        "services": "|".join(part.services),
        "through": allocation_rule_of(name, part.through) if part.through else "",
        "basis": part.basis,
        "factor": Decimal(10) ** max(0, -figure.exponent),
    }


def conserved(name: str = "conserved") -> Figure:
    """That the statement is what all bear and what nobody does, at every decimal."""
    return Figure(name, "cost not accounted for", Decimal(0))


def figures(
    case: Case,
    tenants: Sequence[str],
    part: Part,
    scale: int = SPLIT_DECIMALS,
    *,
    expected: Mapping[str, Any] | None = None,
    parts: Mapping[str, Part] | None = None,
    idle: Column = "cost",
) -> tuple[Figure, ...]:
    """A figure for each expected part: `part` of each tenant, those of `parts`, and what is left.

    `idle` is where idle cost is read that is nobody's. Where parts are split at all of their
    decimals, they are compared at as many as are written.
    """
    expected = case.expected if expected is None else expected
    found = [
        _figure(name, amount, place, idle)
        for name, amount, place in _parts(expected, tenants, part, parts or {})
    ]
    if not found:
        raise OutOfScopeError("nothing is expected")
    if scale < SPLIT_DECIMALS:
        scaled = (replace(figure, exponent=SPLIT_DECIMALS - scale) for figure in found)
        return (*scaled, conserved())
    decimals = max(2, *(written_decimals(amount) for amount in _numbers(expected)))
    return (*(replace(figure, decimals=decimals) for figure in found), conserved())


def _parts(
    expected: Mapping[str, Any], tenants: Sequence[str], part: Part, parts: Mapping[str, Part]
) -> list[tuple[str, Decimal, Part | str]]:
    found: list[tuple[str, Decimal, Part | str]] = []
    for name, value in expected.items():
        if isinstance(value, dict) and name in parts:
            inner = _parts(value, tenants, parts[name], {})
            found += [(f"{name} {key}", amount, place) for key, amount, place in inner]
            continue
        amount = inputs.number(value, name)
        if name in parts:
            found.append((name, amount, parts[name]))
        elif name in tenants:
            found.append((name, amount, replace(part, tenant=name)))
        elif name.strip("_") == "unallocated":
            found.append((name, amount, "nobody"))
        elif name.strip("_") in ("idle", "unused_commitment"):
            found.append((name, amount, "idle"))
        elif name.endswith("/__idle__"):
            cluster = name.removesuffix("/__idle__")
            found.append((name, amount, Part(method="idle", cluster=cluster)))
        else:
            raise OutOfScopeError(f"no comparison for expected {name}")
    return found


def _figure(name: str, amount: Decimal, place: Part | str, idle: Column) -> Figure:
    if isinstance(place, Part):
        return Figure(name, "cost", amount, part=place)
    if place == "idle" and idle == "cost":
        return Figure(name, "cost", amount, part=Part(method="idle"))
    return Figure(name, "cost nobody bears", amount)


def scale_of(case: Case, *amounts: Decimal) -> int:
    """To how many decimals a case splits: as it says, or as its amounts and parts are written."""
    if case.inputs.get("scale") is not None:
        scale = inputs.whole(case.inputs["scale"], "scale")
    else:
        written = (*_numbers(case.expected), *amounts)
        scale = max(map(written_decimals, written), default=2)
    if not 0 <= scale <= SPLIT_DECIMALS:
        raise OutOfScopeError(f"cost is split at up to {SPLIT_DECIMALS} decimals, not at {scale}")
    return scale


def scaled(amount: Decimal, scale: int) -> Decimal:
    """So small that the last place of `scale` is the last one that the models split at."""
    if at_most(scale, amount) != amount:
        raise OutOfScopeError("a cost has more decimals than the parts that are asked for")
    return amount.scaleb(scale - SPLIT_DECIMALS)


def scale_remark(scale: int) -> str:
    if scale == SPLIT_DECIMALS:
        return ""
    return (
        f"to be split at {scale} decimals, and not at {SPLIT_DECIMALS}, the cost lands as"
        f" 1e{scale - SPLIT_DECIMALS} of itself"
    )


def written_decimals(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _numbers(expected: Any) -> list[Decimal]:
    if isinstance(expected, dict):
        return [number for value in expected.values() for number in _numbers(value)]
    try:
        return [inputs.number(expected, "an amount")]
    except OutOfScopeError:
        return []

"""From a tenant's cost down to statement rows, and from a statement row to those who bear it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from rich.text import Text
from rich.tree import Tree

from python_ext.errors import MeterhouseError
from python_ext.explain import SHOWN, plain
from python_ext.posted_costs import (
    IDLE,
    OF_POOL,
    ROWS,
    Cost,
    Part,
    PoolSplit,
    named,
    read_parts,
    running,
)

Row = Mapping[str, Any]


def explain_cost(database: Path, subject: str) -> Tree:
    """The tree behind a cost, or before a statement row, read from published marts.

    `subject` is a cost_attribution_id, a cost_allocation_id, a cost_pool_id, or a statement row
    written FILE:LINE, the file as it is landed. Amounts are in the currency of the statement, and
    exact. Raises MeterhouseError where there is no published file, or nothing of that id in it.
    """
    if not database.is_file():
        raise MeterhouseError(str(database), "nothing is published", "run meterhouse build")
    with closing(duckdb.connect(database, read_only=True)) as connection:
        book = _Book(connection)
        if attribution := book.one(ATTRIBUTION, subject):
            return _attribution(book, attribution)
        if allocation := book.one(ALLOCATION, subject):
            return _allocation(book, allocation)
        if pool := book.one(POOL, subject):
            return _pool(book, pool)
        file, _, line = subject.rpartition(":")
        if file and re.fullmatch(r"\d{1,18}", line, re.ASCII):
            if row := book.one(STATEMENT_ROW, file, int(line)):
                return _statement_row(book, row)
            if row := book.one(REJECTED_ROW, file, int(line)):
                return _rejected_row(row)
        raise MeterhouseError(
            subject,
            f"no cost and no statement row in {database} has this id",
            "take one from fct_cost_attributions, fct_cost_allocations or fct_cost_pools, or name "
            "a row of fct_cost_statement_rows as landed_file:line_number",
        )


DRIVERS = {"direct_cost": "direct cost in USD", "even": "even shares"}
"""What is no meter, in words."""

ATTRIBUTION = "select * from fct_cost_attributions where cost_attribution_id = ?"

ALLOCATION = "select * from fct_cost_allocations where cost_allocation_id = ?"

ALLOCATIONS = """
    select allocations.*
    from fct_cost_allocations as allocations
    inner join fct_cost_attributions as attributions
        on
            allocations.cost_month = attributions.cost_month
            and allocations.tenant_id = attributions.tenant_id
            and allocations.pack_id = attributions.pack_id
            and allocations.capability_id = attributions.capability_id
            and allocations.resource_type is not distinct from attributions.resource_type
            and allocations.cost_category is not distinct from attributions.cost_category
            and allocations.region = attributions.region
            and allocations.allocation_method = attributions.allocation_method
            and allocations.currency_code = attributions.currency_code
    where attributions.cost_attribution_id = ?
    order by abs(allocations.effective_cost_amount) desc, allocations.cost_allocation_id
"""

POOL = "select * from fct_cost_pools where cost_pool_id = ?"

SHARE = """
    select * from dim_allocation_shares
    where allocation_rule_id = ? and rule_version = ? and share_number = ?
"""

HANDED = """
    select
        sum(billed_cost_amount) as billed_cost_amount,
        sum(effective_cost_amount) as effective_cost_amount
    from fct_cost_allocations
    where cost_pool_id = ? and (share_path = ? or starts_with(share_path, ? || ' > '))
"""

QUANTITIES = """
    select
        sum(driver_quantity) filter (where tenant_id <> '(idle)') as used_quantity,
        sum(driver_quantity) filter (where tenant_id = '(idle)') as idle_quantity
    from fct_cost_allocations
    where cost_pool_id = ? and share_path = ?
"""

SLICES = """
    select
        slice_start_at,
        slice_end_at,
        sum(driver_nanos) as all_nanos,
        coalesce(sum(driver_nanos) filter (where tenant_id = ? and (pack_id = ? or ?)), 0)
            as own_nanos
    from fct_cost_targets
    where cost_pool_id = ? and share_path = ?
    group by slice_start_at, slice_end_at
    order by slice_start_at, slice_end_at
"""

STATEMENT_ROW = "select * from fct_cost_statement_rows where landed_file = ? and line_number = ?"

REJECTED_ROW = "select * from fct_rejected_cost_rows where landed_file = ? and line_number = ?"

TAKEN_PLACE = """
    select distinct others.landed_file, others.landed_at
    from fct_cost_statements as statements
    inner join fct_cost_statements as others
        on
            statements.provider = others.provider
            and statements.billing_account_id is not distinct from others.billing_account_id
            and statements.statement_month = others.statement_month
            and statements.superseded_at = others.landed_at
    where
        statements.landed_file = ?
        and statements.provider = ?
        and statements.billing_account_id is not distinct from ?
        and statements.billing_month = cast(date_trunc('month', cast(? as timestamp)) as date)
    order by others.landed_file
"""

SAME_BYTES = """
    select others.landed_file, others.landed_at
    from fct_landed_files as files
    inner join fct_landed_files as others
        on files.digest = others.digest and files.landed_file <> others.landed_file
    where
        files.landed_file = ?
        and (others.landed_at, others.landed_file) < (files.landed_at, files.landed_file)
    order by others.landed_at, others.landed_file
    limit 1
"""


class _Book:
    """Queries of one published file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def rows(self, query: str, *keys: object) -> list[dict[str, Any]]:
        return list(named(self.connection, query, *keys))

    def one(self, query: str, *keys: object) -> dict[str, Any] | None:
        return next(iter(self.rows(query, *keys)), None)

    def parts(self, pool_id: str) -> list[Part]:
        return read_parts(self.connection, OF_POOL, pool_id).get(pool_id, [])

    def posted(self, pool_id: str) -> list[dict[str, Any]]:
        """The first rows of a pool; each knows what all come to."""
        query = ROWS.format(condition=OF_POOL)
        return self.rows(f"{query} order by landed_file, line_number limit {SHOWN}", pool_id)

    def posted_row(self, pool_id: str, row: Row) -> dict[str, Any] | None:
        query = ROWS.format(condition=OF_POOL)
        where = "where landed_file = ? and line_number = ?"
        key = row["landed_file"], row["line_number"]
        return self.one(f"select * from ({query}) {where}", pool_id, *key)


def _attribution(book: _Book, attribution: Row) -> Tree:
    currency = attribution["currency_code"]
    allocations = book.rows(ALLOCATIONS, attribution["cost_attribution_id"])
    tree = Tree(
        Text(
            f"{_money(_cost(attribution), currency)}: {_whose(attribution)}, "
            f"{attribution['cost_month']:%Y-%m}, {_about(attribution)} "
            f"({attribution['cost_attribution_id']})"
        )
    )
    together = _total(_cost(allocation) for allocation in allocations)
    _add(tree, f"{_count(len(allocations), 'allocation')}: {_money(together, currency)}")
    for allocation in allocations[:SHOWN]:
        tree.children.append(_allocation(book, allocation))
    if rest := allocations[SHOWN:]:
        money = _money(_total(_cost(allocation) for allocation in rest), currency)
        _add(tree, f"and {len(rest)} more in fct_cost_allocations: {money}")
    return tree


def _allocation(book: _Book, allocation: Row) -> Tree:
    pool = book.one(POOL, allocation["cost_pool_id"]) or {}
    ratio = allocation["share_ratio"]
    share = "of a pool of 0" if ratio is None else f"{plain(ratio * 100)} % of the pool"
    tree = Tree(
        Text(
            f"{_money(_cost(allocation), allocation['currency_code'])}: {_whose(allocation)}, "
            f"{share} ({allocation['cost_allocation_id']})"
        )
    )
    _add(tree, _pool_label(pool))
    _rule(tree, pool)
    _steps(book, tree, pool, allocation["share_path"])
    _driver(book, tree, pool, allocation)
    key = next(
        part.key
        for part in book.parts(pool["cost_pool_id"])
        if part.cost_allocation_id == allocation["cost_allocation_id"]
    )
    _pool_rows(book, tree, pool, (key, _cost(allocation)))
    return tree


def _pool(book: _Book, pool: Row) -> Tree:
    tree = Tree(Text(_pool_label(pool)))
    _rule(tree, pool)
    parts = book.parts(pool["cost_pool_id"])
    borne = {part.key: Cost(part.billed_cost_amount, part.effective_cost_amount) for part in parts}
    _bearers(tree, pool, parts, borne)
    _pool_rows(book, tree, pool)
    return tree


def _statement_row(book: _Book, row: Row) -> Tree:
    currency = row["currency_code"]
    tree = Tree(
        Text(
            f"{_place(row)} {row['charge_description'] or row['service_name'] or ''}: "
            f"{_money(_cost(row), currency)}, {row['provider']}, "
            f"{row['charge_period_start_at']:%Y-%m-%d %H:%M} to "
            f"{row['charge_period_end_at']:%Y-%m-%d %H:%M}, {row['row_status']}"
        )
    )
    _mapping(tree, row)
    if row["row_status"] != "current":
        _successor(book, tree, row)
    postings = [(row["cost_pool_id"], row["cost_month"], "posted")] if row["is_posted"] else []
    if row["reversed_in_month"]:
        postings.append((row["reversal_cost_pool_id"], row["reversed_in_month"], "taken back"))
    for pool_id, month, what in postings:
        _posting(book, tree, row, (pool_id, f"{what} in {month:%Y-%m}"))
    if not postings:
        _add(tree, "posted nowhere: it bears no cost")
    return tree


def _rejected_row(row: Row) -> Tree:
    tree = Tree(
        Text(
            f"{_place(row)}: refused, so that no one bears it; billed cost "
            f"{row['billed_cost_text']}, effective cost {row['effective_cost_text']}, "
            f"{row['provider'] or 'no provider'}"
        )
    )
    for reason in row["reasons"].split(","):
        _add(tree, reason.replace("_", " "))
    _add(tree, "nothing took its place; the provider's corrected statement would, once landed")
    return tree


def _posting(book: _Book, tree: Tree, row: Row, posting: tuple[str, str]) -> None:
    pool_id, what = posting
    pool, posted = book.one(POOL, pool_id), book.posted_row(pool_id, row)
    if pool is None or posted is None:
        _add(
            tree,
            f"{what}, but the month was closed without its pool {pool_id}: the mapping is another "
            "by now (exc_cost_lock_mismatches)",
        )
        return
    branch = _add(tree, f"{what}: {_pool_label(pool)}")
    if pool["allocation_rule_id"]:
        rule = f"{pool['allocation_rule_id']} version {pool['allocation_rule_version']}"
        _add(branch, f"shared by {rule}{_among(posted)}")
    parts = book.parts(pool_id)
    split = _split(parts, posted)
    if split is None:
        _add(branch, _mismatch(pool))
        return
    _bearers(branch, pool, parts, split.of_row(posted))


def _bearers(tree: Tree, pool: Row, parts: Sequence[Part], borne: Mapping[str, Cost]) -> None:
    """Who bears a pool, or a row of it, the largest first, and what nobody bears."""
    currency = pool["currency_code"]
    ranked = sorted(parts, key=lambda part: (-abs(borne[part.key].effective), part.key))
    tenants = [part for part in ranked if part.tenant_id not in (None, IDLE)]
    others = [part for part in ranked if part.tenant_id in (None, IDLE)]
    branch = _add(
        tree,
        f"{_count(len(parts), 'part')}, together {_money(_total(borne.values()), currency)}",
    )
    for part in tenants[:SHOWN]:
        _add(branch, f"{_bearer(part)}: {_money(borne[part.key], currency)}{_by(part)}")
    if rest := tenants[SHOWN:]:
        money = _money(_total(borne[part.key] for part in rest), currency)
        _add(branch, f"and {len(rest)} more in fct_cost_allocations: {money}")
    for part in others:
        _add(branch, f"{_bearer(part)}: {_money(borne[part.key], currency)}{_by(part)}")


def _rule(tree: Tree, pool: Row) -> None:
    rule = f"{pool['rule_id']} version {pool['rule_version']}"
    if pool["allocation_method"] == "unallocated":
        _add(tree, f"unallocated: {_reason(pool['unallocated_reason'])}")
        return
    shared = pool["allocation_rule_id"]
    by = f" by {shared} version {pool['allocation_rule_version']}" if shared else ""
    _add(tree, f"mapped by {rule}: {pool['allocation_method']}{by}")


def _steps(book: _Book, tree: Tree, pool: Row, path: str) -> None:
    if not path:
        return
    branch = _add(tree, "steps")
    steps = path.split(" > ")
    for number, step in enumerate(steps, 1):
        rule, version, share_number = step.rsplit(":", 2)
        share = book.one(SHARE, rule, int(version), int(share_number))
        so_far = " > ".join(steps[:number])
        handed = book.one(HANDED, pool["cost_pool_id"], so_far, so_far) or {}
        what = _share(share, "the pool" if number == 1 else "that") if share else "not known by now"
        money = _money(_cost(handed), pool["currency_code"])
        _add(
            branch,
            f"{rule} version {version}, share {share_number}: {what}; {money} of it is borne",
        )


def _share(share: Row, whole: str) -> str:
    ratio = f"{plain(share['rule_share_ratio'])} of {whole}"
    if share["driver"] == "rule":
        return f"{ratio} handed on to {share['next_allocation_rule_id']}"
    driver = DRIVERS.get(share["driver"], share["driver_meter_id"])
    notes = [f"{ratio} by {driver}"]
    if share["same_as"]:
        notes.append(f"of the same {share['same_as']}")
    if share["tenant_ids"]:
        notes.append(f"over {share['tenant_ids']}")
    if share["capacity_quantity"] is not None:
        capacity = plain(share["capacity_quantity"])
        notes.append(f"out of {capacity} that there are a {share['driver_grain']}")
    return ", ".join(notes)


def _driver(book: _Book, tree: Tree, pool: Row, allocation: Row) -> None:
    path, quantity = allocation["share_path"], allocation["driver_quantity"]
    if not path:
        idle = allocation["tenant_id"] == IDLE
        _add(tree, "unused commitment" if idle else "direct: the whole pool is its own")
        return
    totals = book.one(QUANTITIES, pool["cost_pool_id"], path) or {}
    used, unused = totals["used_quantity"] or Decimal(0), totals["idle_quantity"]
    what = DRIVERS.get(allocation["driver"], allocation["driver"])
    if quantity is None:
        text = f"driver {what}"
    elif allocation["tenant_id"] == IDLE:
        text = f"driver {what}: {plain(quantity)} of a capacity of {plain(used + quantity)} unused"
    else:
        capacity = "" if unused is None else f", and {plain(unused)} of the capacity unused"
        text = f"driver {what}: {plain(quantity)} of {plain(used)} used{capacity}"
    slices = book.rows(
        SLICES,
        allocation["tenant_id"],
        allocation["pack_id"],
        pool["pack_id"] is not None,
        pool["cost_pool_id"],
        path,
    )
    if slices:
        start = min(each["slice_start_at"] for each in slices)
        end = max(each["slice_end_at"] for each in slices)
        text += f", {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
    branch = _add(tree, text)
    if pool["is_locked"]:
        _add(branch, "as it stood when the month was closed")
    elif len(slices) > 1:
        _add(branch, _slices(slices, is_idle=allocation["tenant_id"] == IDLE))


def _slices(slices: Sequence[Row], *, is_idle: bool) -> str:
    """Each slice of time is shared by its own quantities, so that no one ratio stands for all."""
    text = f"in {len(slices)} slices of time, each shared by what was used in it"
    if is_idle:
        return text
    ratios = [_ratio(each["own_nanos"], each["all_nanos"]) for each in slices if each["own_nanos"]]
    least, most = f"{min(ratios, default=0):f}", f"{max(ratios, default=0):f}"
    return f"{text}: a part in {len(ratios)} of them, from {least} to {most}"


def _ratio(part: int, whole: int) -> Decimal:
    return (Decimal(part) / Decimal(whole)).quantize(Decimal("0.000001"))


def _pool_rows(book: _Book, tree: Tree, pool: Row, share: tuple[str, Cost] | None = None) -> None:
    """The statement rows behind a pool, and of each what the part `share` bears of it."""
    currency, shown = pool["currency_code"], book.posted(pool["cost_pool_id"])
    if not shown:
        _add(tree, f"no statement row leads here; {_mismatch(pool)}")
        return
    whole = Cost(shown[0]["pool_billed_net"], shown[0]["pool_effective_net"])
    count = shown[0]["rows_of_pool"]
    split = _split(book.parts(pool["cost_pool_id"]), shown[0])
    title = f"{_count(count, 'statement row')}: {_money(whole, currency)}"
    if share and split:
        title += f"; of that {_money(share[1], currency)}"
    branch = _add(tree, title)
    if split is None:
        _add(branch, _mismatch(pool))
    seen, borne = Cost(), Cost()
    for row in shown:
        cost = Cost(row["billed"], row["effective"])
        seen += cost
        what = row["charge_description"] or row["service_name"] or ""
        text = f"{_place(row)} {what}{', taken back' if row['is_taken_back'] else ''}: "
        text += _money(cost, currency)
        if share and split:
            own = split.of_row(row)[share[0]]
            borne += own
            text += f"; of that {_money(own, currency)}"
        _add(branch, text)
    if count > len(shown):
        text = f"and {count - len(shown)} more in fct_cost_statement_rows: "
        text += _money(whole - seen, currency)
        if share and split:
            text += f"; of that {_money(share[1] - borne, currency)}"
        _add(branch, text)


def _split(parts: Sequence[Part], row: Row) -> PoolSplit | None:
    """None where the parts do not add up to the rows, which a closed month can bring about."""
    try:
        return PoolSplit(parts, row)
    except ValueError:
        return None


def _mapping(tree: Tree, row: Row) -> None:
    if row["rule_id"] in (None, "(none)"):
        reason = _reason(row["unallocated_reason"] or "not mapped")
        branch = _add(tree, f"no mapping rule: {reason}")
    else:
        version = f"{row['rule_id']} version {row['rule_version']}"
        branch = _add(tree, f"mapped by {version}: {row['allocation_method']}")
    for name in (
        *("tags", "resource_id", "service_name", "billing_account_id", "sub_account_id"),
        *("charge_category", "commitment_discount_status"),
    ):
        if row[name]:
            _add(branch, f"{name.replace('_', ' ')}: {row[name]}")
    given = [row[name] for name in ("tenant_id", "internal_service", "cluster") if row[name]]
    if given:
        _add(branch, f"to {', '.join(given)}, {row['region'] or 'no region'}")


def _successor(book: _Book, tree: Tree, row: Row) -> None:
    if row["row_status"] == "copy":
        found = book.rows(SAME_BYTES, row["landed_file"])
        what = "a copy: the same bytes were landed before in"
    else:
        period = row["billing_period_start_at"] or row["charge_period_start_at"]
        found = book.rows(
            TAKEN_PLACE, row["landed_file"], row["provider"], row["billing_account_id"], period
        )
        what = "superseded: its statement was landed anew in"
    for each in found:
        _add(tree, f"{what} {each['landed_file']} at {each['landed_at']:%Y-%m-%d %H:%M}")


def _pool_label(pool: Row) -> str:
    parts = [
        f"{pool['cost_month']:%Y-%m}",
        pool["provider"],
        f"invoice {pool['provider_invoice_id']}" if pool["provider_invoice_id"] else None,
        pool["service_name"],
        pool["internal_service"],
        pool["cluster"],
        pool["region"],
        f"driven by {pool['driver_month']:%Y-%m}"
        if pool["driver_month"] != pool["cost_month"]
        else None,
        "closed" if pool["is_locked"] else None,
    ]
    money = _money(_cost(pool), pool["currency_code"])
    return f"pool of {', '.join(part for part in parts if part)}: {money} ({pool['cost_pool_id']})"


def _mismatch(pool: Row) -> str:
    return (
        f"the pool is {_money(_cost(pool), pool['currency_code'])} and its rows are not: the month "
        "was closed with others (exc_cost_lock_mismatches), so that no row can be split"
    )


def _among(posted: Row) -> str:
    """What the split of a row depends on besides its cost."""
    if posted["rows_of_pool"] == 1:
        return ""
    before = plain(running(posted, "effective").net)
    return (
        f"; one of {posted['rows_of_pool']:,} rows, which come to "
        f"{plain(posted['pool_effective_net'])} effective, and those before it to {before}"
    )


def _bearer(part: Part) -> str:
    if part.tenant_id is None:
        return f"unallocated, {_reason(part.reason or '')}"
    pack = f", {part.pack_id}" if part.pack_id != "(none)" else ""
    return "idle" + pack if part.tenant_id == IDLE else part.tenant_id + pack


def _by(part: Part) -> str:
    ratio = "" if part.share_ratio is None else f", {plain(part.share_ratio * 100)} % of the pool"
    if part.cost_allocation_id is None:
        return ratio
    by = f" by {part.share_path}" if part.share_path else ""
    return f"{ratio}{by} ({part.cost_allocation_id})"


def _whose(cost: Row) -> str:
    who = "idle" if cost["tenant_id"] == IDLE else cost["tenant_id"]
    known = (cost[name] for name in ("pack_id", "capability_id") if cost[name] != "(none)")
    return ", ".join([who, *known])


def _about(attribution: Row) -> str:
    region = attribution["region"]
    names = ("resource_type", "cost_category", "allocation_method")
    known = [attribution[name] for name in names if attribution[name]]
    return ", ".join([*known, *([region] if region != "(none)" else [])])


def _reason(reason: str) -> str:
    return reason.replace("_", " ")


def _place(row: Row) -> str:
    return f"{row['landed_file']}:{row['line_number']}"


def _cost(row: Row) -> Cost:
    zero = Decimal(0)
    return Cost(row["billed_cost_amount"] or zero, row["effective_cost_amount"] or zero)


def _total(costs: Iterable[Cost]) -> Cost:
    return sum(costs, Cost())


def _money(cost: Cost, currency: str) -> str:
    return f"{plain(cost.effective)} {currency} effective, {plain(cost.billed)} billed"


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _add(tree: Tree, text: str) -> Tree:
    """As it stands: descriptions of providers may look like markup."""
    return tree.add(Text(text))

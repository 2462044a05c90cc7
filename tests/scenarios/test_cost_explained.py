"""Where a tenant's cost comes from and where a statement row goes, to the last digit."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.tree import Tree

from python_ext import focus_splits
from python_ext.explain_cost import explain_cost
from python_ext.publish import publish
from tests.scenarios.conftest import Warehouse

Demo = tuple[Warehouse, dict[str, Any]]

MONEY = r"(-?[\d.]+) \w+ effective, (-?[\d.]+) billed"

OF_THAT = f"of that {MONEY}"


@pytest.fixture(scope="module")
def published(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What readers get: nothing is explained from a table that is not published."""
    warehouse, _ = demo
    return publish(warehouse.settings.database, tmp_path_factory.mktemp("published"))


def below(tree: Tree, start: str) -> list[Tree]:
    """All branches below `tree` whose label has `start` in it."""
    found = [child for child in tree.children if start in str(child.label)]
    return found + [each for child in tree.children for each in below(child, start)]


def total(tree: Tree, pattern: str) -> tuple[Decimal, ...]:
    amounts = [re.search(pattern, str(child.label)) for child in tree.children]
    return tuple(sum((Decimal(each[n]) for each in amounts if each), Decimal(0)) for n in (1, 2))


@pytest.mark.parametrize("method", ["shared", "direct", "idle"])
def test_an_attribution_is_explained_down_to_rows_that_add_up(published: Path, method: str) -> None:
    with duckdb.connect(published, read_only=True) as connection:
        found = connection.execute(
            "select cost_attribution_id, effective_cost_amount, billed_cost_amount"
            " from fct_cost_attributions where allocation_method = ? and tenant_id in"
            " ('acme-robotics', 'glacier-labs', 'juniper-gov', '(idle)')"
            " order by cost_attribution_id limit 12",
            [method],
        ).fetchall()
    assert found
    for attribution_id, effective, billed in found:
        tree = explain_cost(published, attribution_id)
        rows = below(tree, "statement row")
        sums = [total(branch, OF_THAT) for branch in rows if "; of that" in str(branch.label)]
        assert len(sums) == len(below(tree, "mapped by"))
        assert tuple(map(sum, zip(*sums, strict=True))) == (effective, billed)


def test_a_row_is_explained_forward_to_parts_that_add_up(published: Path) -> None:
    with duckdb.connect(published, read_only=True) as connection:
        found = connection.execute(
            "select landed_file || ':' || line_number, effective_cost_amount, billed_cost_amount"
            " from (select *, row_number() over (partition by rule_id, allocation_method"
            " order by landed_file, line_number) as place from fct_cost_statement_rows)"
            " where place = 7 or (place = 1 and allocation_method in ('idle', 'unallocated'))"
        ).fetchall()
    assert len(found) > 15
    for place, effective, billed in found:
        (parts,) = below(explain_cost(published, place), ", together ")
        assert total(parts, MONEY) == (effective, billed)


def test_exported_splits_are_the_statements_and_the_attributions(
    demo: Demo, published: Path, tmp_path: Path
) -> None:
    landing = str(demo[0].settings.landing)
    with duckdb.connect(published, read_only=True) as connection:
        months = connection.execute("select distinct cost_month from fct_cost_pools").fetchall()
        for (month,) in months:
            out = tmp_path / f"{month}.parquet"
            focus_splits.write(published, demo[0].settings.landing, month, out)
        connection.execute("set timezone = 'UTC'")
        connection.execute(
            f"create temp table splits as select * from read_parquet('{tmp_path}/*.parquet')"
        )
        sums = "sum(BilledCost), sum(EffectiveCost)"
        books = "sum(billed_cost_amount), sum(effective_cost_amount)"
        assert lines(
            connection,
            f"select x_LandedFile, x_LineNumber, {sums} from splits group by all",
        ) == lines(
            connection,
            f"select landed_file, line_number, {books} from fct_cost_statement_rows"
            " where is_posted group by all",
        )
        assert lines(
            connection,
            "select x_CostMonth, x_TenantId, coalesce(x_PackId, '(none)'), x_AllocationMethod,"
            f" BillingCurrency, {sums} from splits where x_AllocationMethod <> 'unallocated'"
            " group by all",
        ) == lines(
            connection,
            "select cost_month, tenant_id, pack_id, allocation_method, currency_code,"
            f" {books} from fct_cost_attributions group by all",
        )
        # What the books do not keep is split as well, and nothing of it is lost.
        connection.execute(
            f"create temp table stated as select *, substring(filename, {len(landing) + 2}) as file"
            f" from read_csv('{landing}/focus/**', all_varchar = true, nullstr = ['', 'NULL'],"
            " filename = true)"
        )
        sums = "sum(ListCost::decimal(38, 18)), sum(ConsumedQuantity::decimal(38, 18))"
        assert lines(
            connection,
            f"select x_LandedFile, {sums} from splits where x_LandedFile like 'focus/%' group by 1",
        ) == lines(
            connection,
            f"select file, {sums} from stated"
            " where file in (select x_LandedFile from splits) group by 1",
        )


def lines(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return sorted(connection.execute(query).fetchall(), key=str)

"""From a tenant's cost to statement rows and back, each step in words and its sums."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from rich.tree import Tree
from typer.testing import CliRunner

from python_ext.cli import app
from python_ext.errors import MeterhouseError
from python_ext.explain_cost import explain_cost
from tests.python.cost_books import AWS, COPY, NEW, OLD, books, publish, statement_row

MONEY = r"(-?[\d.]+) USD effective, (-?[\d.]+) billed"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return publish(tmp_path, books())


def texts(tree: Tree) -> Iterator[str]:
    yield str(tree.label)
    for child in tree.children:
        yield from texts(child)


def branch(tree: Tree, start: str) -> Tree:
    """The first branch below `tree` whose label has `start` in it."""
    found = [child for child in tree.children if start in str(child.label)]
    assert found, (start, list(texts(tree)))
    return found[0]


def total(tree: Tree, pattern: str = MONEY) -> tuple[Decimal, ...]:
    """Effective and billed, summed over the branches right below."""
    amounts = [re.search(pattern, str(child.label)) for child in tree.children]
    return tuple(sum((Decimal(each[n]) for each in amounts if each), Decimal(0)) for n in (1, 2))


def test_an_allocation_is_explained_by_its_steps_its_driver_and_its_rows(published: Path) -> None:
    tree = explain_cost(published, "a-runs")
    assert "5.76 USD effective, 6.48 billed: acme, core, engine, 24 % of the pool" in str(
        tree.label
    )
    assert branch(tree, "mapped by shared-engine version 3: shared by down version 1")
    first, second = branch(tree, "steps").children
    assert str(first.label) == (
        "down version 1, share 1: 0.4 of the pool handed on to load; "
        "9.6 USD effective, 10.8 billed of it is borne"
    )
    assert "load version 2, share 1: 1 of that by runs, out of 5 that there are a day" in str(
        second.label
    )
    driver = branch(tree, "driver runs: 6 of 8 used, and 2 of the capacity unused, 2026-01-01")
    assert "in 2 slices of time" in str(driver.children[0].label)
    assert "a part in 2 of them, from 0.500000 to 0.833333" in str(driver.children[0].label)
    rows = branch(tree, "3 statement rows: 24 USD effective, 27 billed; of that 5.76 USD")
    assert total(rows) == (Decimal(24), Decimal(27))
    assert total(rows, f"of that {MONEY}") == (Decimal("5.76"), Decimal("6.48"))
    assert f"{AWS}:1 Hours [red]1: " in str(rows.children[0].label)  # as it stands: no markup


def test_idle_capacity_and_direct_cost_say_what_they_follow(published: Path) -> None:
    assert branch(explain_cost(published, "idle"), "driver runs: 2 of a capacity of 10 unused")
    assert branch(explain_cost(published, "d"), "direct: the whole pool is its own")
    by_cost = explain_cost(published, "a-cost")
    assert branch(by_cost, "driver direct cost in USD")
    assert "0.6 of the pool by direct cost in USD, of the same provider" in " ".join(texts(by_cost))


def test_an_attribution_is_made_of_its_allocations(published: Path) -> None:
    tree = explain_cost(published, "attribution")
    assert branch(tree, "2 allocations: 16.16 USD effective, 18.68 billed")
    assert len(tree.children) == 3


def test_a_pool_lists_who_bears_it_and_what_nobody_does(published: Path) -> None:
    parts = branch(explain_cost(published, "shared"), "5 parts, together 24 USD effective, 27 b")
    assert total(parts) == (Decimal(24), Decimal(27))
    assert "unallocated, driver is zero: 4 USD" in " ".join(texts(parts))
    assert "idle, core: 1.92 USD" in " ".join(texts(parts))


def test_more_than_twenty_rows_are_summed_up(tmp_path: Path) -> None:
    content = books()
    content["fct_cost_statement_rows"] += [
        statement_row(number, "shared", amount)
        for number in range(100, 140)
        for amount in [str((-1) ** number * number)]
    ]
    content["fct_cost_statement_rows"].append(statement_row(140, "shared", "20"))
    rows = branch(explain_cost(publish(tmp_path, content), "b-runs"), "44 statement rows")
    assert len(rows.children) == 21
    assert "and 24 more in fct_cost_statement_rows" in str(rows.children[-1].label)
    assert total(rows) == (Decimal(24), Decimal(27))
    assert total(rows, f"of that {MONEY}") == (Decimal("1.92"), Decimal("2.16"))


def test_a_row_is_explained_forward_to_those_who_bear_it(published: Path) -> None:
    tree = explain_cost(published, f"{AWS}:3")
    assert branch(branch(tree, "mapped by shared-engine version 3"), 'tags: {"service": "engine"}')
    posted = branch(tree, "posted in 2026-01: pool of 2026-01, AWS")
    assert branch(posted, "shared by down version 1; one of 3 rows")
    parts = branch(posted, "5 parts, together -3 USD effective, -3 billed")
    assert total(parts) == (Decimal(-3), Decimal(-3))


def test_a_superseded_row_names_its_successor_and_where_it_was_taken_back(published: Path) -> None:
    tree = explain_cost(published, f"{OLD}:1")
    assert branch(tree, f"superseded: its statement was landed anew in {NEW} at 2026-03-05 00:00")
    assert total(branch(branch(tree, "posted in 2026-01"), "1 part")) == (Decimal(5), Decimal(5))
    back = branch(branch(tree, "taken back in 2026-02"), "1 part")
    assert total(back) == (Decimal(-5), Decimal(-5))
    assert branch(explain_cost(published, "reversal"), "1 statement row: -5 USD effective")


def test_a_copy_and_a_refused_row_bear_no_cost(published: Path) -> None:
    copy = explain_cost(published, f"{COPY}:5")
    assert branch(copy, f"a copy: the same bytes were landed before in {AWS} at 2026-02-05 00:00")
    assert branch(copy, "posted nowhere")
    refused = explain_cost(published, f"{AWS}:9")
    assert "billed cost 1,5" in str(refused.label)
    assert [str(child.label) for child in refused.children[:2]] == [
        "missing currency",
        "bad billed cost",
    ]


def test_a_month_that_was_closed_with_other_rows_says_so(tmp_path: Path) -> None:
    content = books()
    del content["fct_cost_statement_rows"][1]
    published = publish(tmp_path, content)
    for subject in (f"{AWS}:1", "shared", "a-runs"):
        text = " ".join(texts(explain_cost(published, subject)))
        assert "the month was closed with others (exc_cost_lock_mismatches)" in text


def test_a_row_whose_pool_was_closed_under_another_mapping_says_so(tmp_path: Path) -> None:
    content = books()
    del content["fct_cost_pools"][0]
    tree = explain_cost(publish(tmp_path, content), f"{AWS}:1")
    assert branch(tree, "posted in 2026-01, but the month was closed without its pool shared")


@pytest.mark.parametrize("subject", ["nobody", f"{AWS}:77", f"{AWS}:", ":1", "shared:x"])
def test_an_unknown_subject_is_refused_with_where_to_look(published: Path, subject: str) -> None:
    with pytest.raises(MeterhouseError, match=r"has this id\. Take one from fct_cost_"):
        explain_cost(published, subject)


def test_the_command_prints_the_tree(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METERHOUSE_PUBLISHED", str(published.parent))
    result = CliRunner().invoke(app, ["explain-cost", "shared"], catch_exceptions=False)
    assert result.exit_code == 0
    assert "5 parts, together 24 USD effective" in result.output


def test_nothing_published_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MeterhouseError, match="nothing is published"):
        explain_cost(tmp_path / "meterhouse.duckdb", "shared")

"""The shortcut of `parsing`, against what dbt parses by itself."""

from pathlib import Path
from typing import Any

import pytest
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumuro_decoder

from python_ext import catalogue, runner
from python_ext.runner import Scope
from tests.scenarios.conftest import Warehouse
from tests.scenarios.parsing import KEPT, placed


def content(manifest: Manifest) -> dict[str, Any]:
    """What is parsed, without when."""
    found: dict[str, Any] = {
        name: {key: item.to_dict() for key, item in getattr(manifest, name).items()}
        for name in ("nodes", "sources", "macros", "docs", "unit_tests", "groups")
    }
    for items in found.values():
        for item in items.values():
            item.pop("created_at", None)
    return found


def test_a_parsed_project_put_elsewhere_is_what_dbt_parses_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "dbtRunner", dbtRunner)
    root = Warehouse(tmp_path).settings.root
    overlay = tmp_path / "catalogue"
    overlay.mkdir()
    parsed, folders = [], []
    for name, seeds in (
        ("one", root / "seeds"),
        ("two", catalogue.lay_over(root / "seeds", overlay, root / ".catalogue")),
    ):
        warehouse = Warehouse(tmp_path / name)
        warehouse.build(seeds, Scope(select=("currencies",), is_checked=False))
        parsed.append(warehouse.folder / "warehouse.duckdb.dbt" / "partial_parse.msgpack")
        folders.append((str(warehouse.settings.landing), seeds.relative_to(root).as_posix()))
    anew = placed(parsed[0].read_bytes(), *folders[0], *folders[1])
    by_dbt = Manifest.from_msgpack(parsed[1].read_bytes(), decoder=extended_mashumuro_decoder)
    found, expected = content(anew), content(by_dbt)
    for name, items in expected.items():
        assert found[name].keys() == items.keys()
        for key, item in items.items():
            assert found[name][key] == item, key


def test_what_was_built_is_built_again_without_the_rest_of_the_project(
    warehouse: Warehouse,
) -> None:
    read, built = "stg_catalogue__currencies", "dim_currencies"
    warehouse.build(scope=Scope(select=(f"+{built}",), is_checked=False))
    scope = Scope(select=(built,), is_checked=False)
    first = warehouse.build(scope=scope)
    again = warehouse.build(scope=scope)
    assert again.node_count == first.node_count
    (kept,) = (content for arguments, (content, *_) in KEPT.items() if built in arguments)
    nodes = Manifest.from_msgpack(kept, decoder=extended_mashumuro_decoder).nodes
    names = {node.name for node in nodes.values() if node.resource_type == "model"}
    assert names == {built, read}

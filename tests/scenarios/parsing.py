"""Parsing takes dbt as long as a third of a whole build: here once for all warehouses."""

import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, ClassVar

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder

KEPT: dict[tuple[str, ...], tuple[bytes, str, str]] = {}
"""By what parsing depends on: the parsed project, the landing folder and the seeds it was for; and
by all arguments of a build, what of the project it runs."""


class ParsedOnce:
    """A dbtRunner that hands dbt the project as parsed before, for the same target and variables.

    Two more things decide what dbt parses, and differ between warehouses: the landing folder, which
    the project names in texts, and where the seeds are. Both are put in anew. The models, macros
    and tests are taken to stay as they are while the tests run. What was built once is built again
    from what of the project it was: linking and selecting nodes that do not run takes seconds.
    """

    narrows: ClassVar = True

    def __init__(self, callbacks: list[Callable[[Any], None]]) -> None:
        self.callbacks = callbacks

    def invoke(self, arguments: Sequence[str]) -> Any:
        def given(option: str) -> str:
            return arguments[arguments.index(option) + 1] if option in arguments else ""

        folders = os.environ["METERHOUSE_LANDING"], os.environ["METERHOUSE_SEEDS"]
        target = given("--target-path")
        options = (given(name) for name in ("--project-dir", "--target", "--vars"))
        key = (*options, Path(os.environ["METERHOUSE_DB"]).stem)
        asked = (*key, *(argument for argument in arguments if argument != target))
        known = KEPT.get(asked, KEPT.get(key)) if self.narrows else KEPT.get(key)
        manifest = self.prepared(placed(*known, *folders)) if known else None
        # Nobody looks at what dbt writes down of these builds.
        quick = ["--no-write-json", "--log-level-file", "none"] if manifest else []
        outcome = dbtRunner(manifest, self.callbacks).invoke([*arguments, *quick])
        parsed = Path(target) / "partial_parse.msgpack"
        if manifest is None and target and parsed.exists():
            KEPT[key] = parsed.read_bytes(), *folders
        results = getattr(outcome.result, "results", None)
        if self.narrows and results and key in KEPT and asked not in KEPT:
            content, landing, seeds = KEPT[key]
            ran = {result.node.unique_id for result in results}
            KEPT[asked] = narrowed(content, ran), landing, seeds
        return outcome

    def prepared(self, manifest: Manifest) -> Manifest:
        """The parsed project as it is to run; a subclass may run another one."""
        return manifest


def placed(parsed: bytes, landing: str, seeds: str, new_landing: str, new_seeds: str) -> Manifest:
    """The parsed project with the new landing folder and seeds in place of the old ones."""

    def replaced(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace(landing, new_landing)
        if isinstance(value, list):
            return [replaced(item) for item in value]
        if isinstance(value, dict):
            return {name: replaced(item) for name, item in value.items()}
        return value

    def decoded(data: bytes) -> Any:
        # Neither this nor the graph below has types in dbt.
        content = replaced(extended_mashumuro_decoder(data))  # type: ignore[no-untyped-call]
        for node in content["nodes"].values():
            if node["resource_type"] == "seed":
                # The latter begins with the name of the package.
                for name in ("original_file_path", "patch_path"):
                    if node[name]:
                        node[name] = node[name].replace(f"{seeds}/", f"{new_seeds}/", 1)
        return content

    manifest = Manifest.from_msgpack(parsed, decoder=decoded)
    manifest.build_flat_graph()  # type: ignore[no-untyped-call]
    return manifest


def narrowed(parsed: bytes, ran: Collection[str]) -> bytes:
    """The parsed project with no nodes but those that ran, and those that they read."""
    manifest = Manifest.from_msgpack(parsed, decoder=extended_mashumuro_decoder)
    everything = {**manifest.nodes, **manifest.unit_tests, **manifest.exposures}
    read = {name for node_id in ran for name in everything[node_id].depends_on_nodes}
    manifest.nodes = {
        node_id: node for node_id, node in manifest.nodes.items() if node_id in {*ran, *read}
    }
    for node_id in manifest.nodes.keys() - {*ran}:
        manifest.nodes[node_id].depends_on_nodes.clear()
    for others in (manifest.unit_tests, manifest.exposures):
        for name in others.keys() - {*ran}:
            del others[name]
    manifest.files = {}
    return manifest.to_msgpack(extended_mashumaro_encoder)

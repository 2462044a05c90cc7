"""Parsing takes dbt as long as a third of a whole build: here once for all warehouses."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumuro_decoder

KEPT: dict[tuple[str, ...], tuple[bytes, str, str]] = {}
"""By what parsing depends on: the parsed project, the landing folder and the seeds it was for."""


class ParsedOnce:
    """A dbtRunner that hands dbt the project as parsed before, for the same target and variables.

    Two more things decide what dbt parses, and differ between warehouses: the landing folder, which
    the project names in texts, and where the seeds are. Both are put in anew. The models, macros
    and tests are taken to stay as they are while the tests run.
    """

    def __init__(self, callbacks: list[Callable[[Any], None]]) -> None:
        self.callbacks = callbacks

    def invoke(self, arguments: Sequence[str]) -> Any:
        def given(option: str) -> str:
            return arguments[arguments.index(option) + 1] if option in arguments else ""

        folders = os.environ["METERHOUSE_LANDING"], os.environ["METERHOUSE_SEEDS"]
        options = (given(name) for name in ("--project-dir", "--target", "--vars"))
        key = (*options, Path(os.environ["METERHOUSE_DB"]).stem)
        manifest = self.prepared(placed(*KEPT[key], *folders)) if key in KEPT else None
        known = ["--no-write-json"] if manifest else []
        outcome = dbtRunner(manifest, self.callbacks).invoke([*arguments, *known])
        parsed = Path(given("--target-path")) / "partial_parse.msgpack"
        if manifest is None and given("--target-path") and parsed.exists():
            KEPT[key] = parsed.read_bytes(), *folders
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

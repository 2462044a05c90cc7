"""The project as parsed, with edits: dbt runs what the manifest says, so no file is changed."""

import contextlib
import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from dbt.contracts.graph.manifest import Manifest

from python_ext import runner
from tests.mutation.faults import Edit
from tests.scenarios.parsing import KEPT, ParsedOnce


def apply(manifest: Manifest, edits: Sequence[Edit]) -> None:
    """Edit the code of models, tests and macros in a parsed project.

    Raises ValueError for an edit of something that the project has no code of.
    """
    for edit in edits:
        nodes = [
            node
            for node in manifest.nodes.values()
            if node.resource_type in ("model", "test")
            and Path(node.original_file_path).name == edit.file
            and edit.old in node.raw_code
        ]
        macros = [
            macro
            for macro in manifest.macros.values()
            if Path(macro.original_file_path).name == edit.file and edit.old in macro.macro_sql
        ]
        if len(nodes) + len(macros) != 1:
            raise ValueError(f"{edit.file}: found {len(nodes) + len(macros)} times: {edit.old}")
        for node in nodes:
            node.raw_code = edit.applied(node.raw_code)
        for macro in macros:
            macro.macro_sql = edit.applied(macro.macro_sql)


@contextlib.contextmanager
def running(
    edits: Sequence[Edit], root: Path, more: Sequence[str] = ()
) -> Iterator[type[ParsedOnce]]:
    """Have builds of this process run the project with edits, in SQL and in `python_ext`; gives
    what runs dbt so, with `more` arguments.
    """

    class Edited(ParsedOnce):
        narrows = False  # an edit has to find its place, whatever is built

        def invoke(self, arguments: Sequence[str]) -> Any:
            if not KEPT:  # what is not parsed yet cannot be edited
                super().invoke(["parse", *options(arguments)])
            return super().invoke([*arguments, *more])

        def prepared(self, manifest: Manifest) -> Manifest:
            apply(manifest, [edit for edit in edits if not edit.file.endswith(".py")])
            return manifest

    with contextlib.ExitStack() as stack:
        stack.enter_context(patch.object(runner, "dbtRunner", Edited))
        for edit in edits:
            if edit.file.startswith("python_ext/"):
                stack.enter_context(_edited_module(edit, root))
        yield Edited


def options(arguments: Sequence[str]) -> list[str]:
    """What decides how dbt parses, out of the arguments of another command."""
    found = []
    for name in ("--project-dir", "--profiles-dir", "--target", "--vars", "--target-path"):
        if name in arguments:
            found += [name, arguments[arguments.index(name) + 1]]
    return [*found, "--log-level", "none", "--log-level-file", "none"]


@contextlib.contextmanager
def _edited_module(edit: Edit, root: Path) -> Iterator[None]:
    """A module that does otherwise for a while; models look its functions up when they run."""
    source = (root / edit.file).read_text(encoding="utf-8")
    module = importlib.import_module(edit.file.removesuffix(".py").replace("/", "."))
    _run(edit.applied(source), module)
    try:
        yield
    finally:
        _run(source, module)


def _run(source: str, module: ModuleType) -> None:
    exec(compile(source, str(module.__file__), "exec"), module.__dict__)

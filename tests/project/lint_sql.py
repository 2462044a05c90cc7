"""sqlfluff with a memory: `python -m tests.project.lint_sql` takes what sqlfluff takes.

sqlfluff reads all macros of the project anew for each file that it lints, and most of that is
Jinja compiling the same text again. Compiled once, linting takes about half as long.
"""

from types import CodeType
from typing import Any

from jinja2 import Environment
from sqlfluff.cli.commands import cli

_compile = Environment.compile
_known: dict[tuple[object, ...], CodeType] = {}


def compiled_once(self: Environment, source: Any, *arguments: Any, **options: Any) -> Any:
    """What `Environment.compile` gives, from memory for a text that was compiled before."""
    if not isinstance(source, str):
        return _compile(self, source, *arguments, **options)
    key = (type(self), tuple(self.extensions), source, arguments, tuple(options.items()))
    if key not in _known:
        _known[key] = _compile(self, source, *arguments, **options)
    return _known[key]


if __name__ == "__main__":
    Environment.compile = compiled_once  # type: ignore[assignment, method-assign]
    cli()

"""Lets sqlfluff expand macros called by the project's name; dbt itself never reads this."""

from collections.abc import Callable


def __getattr__(name: str) -> Callable[..., str]:
    """Any macro: a call by its name stands for what it would write."""
    if name.startswith("_"):
        raise AttributeError(name)
    return lambda *arguments: f"{name}({', '.join(str(argument) for argument in arguments)})"

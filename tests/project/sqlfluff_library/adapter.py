"""Lets sqlfluff expand macros that dispatch; dbt itself never reads this."""

from collections.abc import Callable


def dispatch(name: str, _package: str = "") -> Callable[..., str]:
    """A call by the macro's name stands for what the engine's own macro would write."""
    return lambda *arguments: f"{name}({', '.join(str(argument) for argument in arguments)})"

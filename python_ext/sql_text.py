"""SQL that writes out values as text, for files whose columns are typed in many ways."""

from collections.abc import Sequence
from typing import cast

from duckdb.sqltypes import DuckDBPyType

NOT_WRITTEN = ("", "NULL", "null")
"""Texts by which providers say that there is no value."""


def as_text(value: str, type_: DuckDBPyType) -> str:
    """SQL for the text of `value`, an expression of `type_`; the common types in the fastest way.

    Decimals are plain, timestamps have six digits of a second and instants end in Z, and what is
    nested is JSON with its keys in order. Of text, `NOT_WRITTEN` becomes null.
    """
    nothing = ", ".join(literal(text) for text in NOT_WRITTEN)
    written = {
        "varchar": f"case when {value} not in ({nothing}) then {value} end",
        "timestamp": f"strftime({value}, '%Y-%m-%d %H:%M:%S.%f')",
        "timestamp with time zone": (
            f"strftime(make_timestamp(epoch_us({value})), '%Y-%m-%dT%H:%M:%S.%fZ')"
        ),
        "blob": f"decode({value})",
    }
    if type_.id in written:
        return written[type_.id]
    if type_.id in ("map", "struct", "list"):
        return f"cast(to_json({_in_order(value, type_)}) as varchar)"
    if type_.id == "decimal" and (scale := cast(int, dict(type_.children)["scale"])) < 18:
        # Decimals of up to 18 digits become text much faster than longer ones.
        most = 10 ** (18 - scale) - 1
        short = f"cast(cast({value} as decimal(18, {scale})) as varchar)"
        return (
            f"case when {value} between -{most} and {most} then {short}"
            f" else cast({value} as varchar) end"
        )
    return f"cast({value} as varchar)"


def quoted(name: str) -> str:
    """`name` as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` as a string of SQL."""
    return "'" + text.replace("'", "''") + "'"


def _in_order(value: str, type_: DuckDBPyType, depth: int = 0) -> str:
    """SQL for a value whose maps and structs have their keys in order."""
    item = f"item_{depth}"
    if type_.id == "struct":
        packed = ", ".join(
            f"{quoted(name)} := {_in_order(f'{value}.{quoted(name)}', child, depth)}"
            for name, child in sorted(_children(type_), key=lambda pair: pair[0])
        )
        return f"case when {value} is not null then struct_pack({packed}) end"
    if type_.id == "list":
        [(_, child)] = _children(type_)
        inner = _in_order(item, child, depth + 1)
        return value if inner == item else f"list_transform({value}, lambda {item}: {inner})"
    if type_.id == "map":
        _, (_, child) = _children(type_)
        keys, entries = f"map_keys({value})", f"list_sort(map_entries({value}))"
        inner = _in_order(f"{item}.value", child, depth + 1)
        if inner != f"{item}.value":
            pair = f"struct_pack(key := {item}.key, value := {inner})"
            return f"map_from_entries(list_transform({entries}, lambda {item}: {pair}))"
        # Most are in order already, and sorting takes much longer than looking.
        return (
            f"case when list_sort({keys}) = {keys} then {value}"
            f" else map_from_entries({entries}) end"
        )
    return value


def _children(type_: DuckDBPyType) -> Sequence[tuple[str, DuckDBPyType]]:
    return cast(Sequence[tuple[str, DuckDBPyType]], type_.children)

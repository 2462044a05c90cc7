"""Statement rows in the types that FOCUS gives their columns, read and typed in one pass.

What a file has typed is not written out and read again, which is most of what reading costs.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import duckdb
from duckdb.sqltypes import DuckDBPyType

from python_ext.cost_pools import statement_parts
from python_ext.focus import Part, stacked
from python_ext.sql_macros import macros_of
from python_ext.sql_text import quoted

TEXTS = (
    "ProviderName",
    "InvoiceId",
    "BillingAccountId",
    "SubAccountId",
    "BillingCurrency",
    "ChargeCategory",
    "ChargeClass",
    "ChargeFrequency",
    "ChargeDescription",
    "PricingCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountStatus",
    "ServiceName",
    "ServiceCategory",
    "SkuId",
    "RegionId",
    "ResourceId",
    "Tags",
    "ConsumedUnit",
)
INSTEAD = {"ProviderName": ("ServiceProviderName", "InvoiceIssuerName")}
"""Column -> others, the first of which stands for it where it is null."""

COSTS = ("BilledCost", "EffectiveCost")
DECIMALS = {**dict.fromkeys(COSTS, 12), "ConsumedQuantity": 15}
"""Column -> how many of its `DIGITS` are decimals."""

DIGITS = 38

INSTANTS = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")

NATIVE_INSTANTS = {
    "timestamp": "case when isfinite({0}) then {0} end",
    "timestamp with time zone": "case when isfinite({0}) then make_timestamp(epoch_us({0})) end",
}
"""Types that hold an instant to the microsecond; without a zone it is UTC."""

WITHOUT_ZONE = "[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?"
"""An instant that says no zone, which is UTC."""


def read(
    session: duckdb.DuckDBPyConnection, landing: Path, names: Sequence[str]
) -> duckdb.DuckDBPyRelation:
    """The rows of files of `focus/` and `cost_pools/`: `TEXTS`, `DECIMALS`, `INSTANTS` and others.

    A number that is not exact in its type, and an instant that is none, is null. What stood there
    instead of a cost is in `BilledCostText` and `EffectiveCostText`, which are null for all others.
    Further as `focus.as_written`; can be read once, and raises as `statement_parts` says.
    """
    return stacked([_typed(part) for part in statement_parts(session, landing, names)])


def _typed(part: Part) -> duckdb.DuckDBPyRelation:
    native = {
        name: sql
        for name, (value, type_) in part.columns.items()
        if (sql := _native(name, value, type_))
    }
    # What is text is gathered first, so that it is written out once however often it is looked at.
    names = (*TEXTS, *DECIMALS, *INSTANTS)
    values = {name: native.get(name) or _text(part, name) for name in names}
    gathered = [f"{value} as {quoted(name)}" for name, value in values.items()]
    rows = part.rows.project(
        ", ".join([*part.located, *gathered, f"{part.others} as other_columns"])
    )
    read_as = {name: quoted(name) for name in values}
    for name in (*DECIMALS, *INSTANTS):
        if name not in native:
            read_as[name] = _from_text(name)
    for name in COSTS:
        unread = f"case when {read_as[name]} is null then {quoted(name)} end"
        read_as[f"{name}Text"] = "cast(null as varchar)" if name in native else unread
    typed = [f"{value} as {quoted(name)}" for name, value in read_as.items()]
    return rows.project(", ".join(["landed_file", "line_number", *typed, "other_columns"]))


def _text(part: Part, name: str) -> str:
    """SQL for the text of a column, or of the first of those instead of it that has one."""
    texts = [part.text(column) for column in (name, *INSTEAD.get(name, ()))]
    return f"coalesce({', '.join(texts)})" if len(texts) > 1 else texts[0]


def _native(name: str, value: str, type_: DuckDBPyType) -> str | None:
    """SQL for a value of a type that holds all of it; None where it is to be read as text."""
    if name in INSTANTS and type_.id in NATIVE_INSTANTS:
        return NATIVE_INSTANTS[type_.id].format(value)
    if name in DECIMALS and type_.id == "decimal":
        size = cast(dict[str, int], dict(type_.children))
        scale = DECIMALS[name]
        if size["scale"] <= scale and size["precision"] - size["scale"] <= DIGITS - scale:
            return f"cast({value} as decimal({DIGITS}, {scale}))"
    return None


def _from_text(name: str) -> str:
    """SQL for a value that stands as text in the column of its name."""
    macros, text = macros_of("text"), quoted(name)
    if name in DECIMALS:
        return cast(str, macros.parse_exact_decimal(text, DIGITS, DECIMALS[name]))
    # The engine alone would read 4/1/25 as a day of the year 4.
    return (
        f"coalesce({macros.parse_instant(text)}, case when regexp_full_match({text},"
        f" '{WITHOUT_ZONE}') then try_cast({text} as timestamp) end)"
    )

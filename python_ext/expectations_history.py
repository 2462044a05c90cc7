"""SQL that several batches share: a figure against the periods before it, and how old a mart is."""

from collections.abc import Mapping
from dataclasses import dataclass

from python_ext.expectations import Batch, Claim
from python_ext.expectations_limits import (
    PERIODS_BEFORE,
    PERIODS_KNOWN,
    RECENT_MONTHS,
    RECENT_WEEKS,
)


@dataclass(frozen=True)
class Step:
    """How far apart the periods of a series are, how long each is, and which are judged.

    `this_period` is where the one begins that is going on at as-of and is not judged yet.
    """

    apart: str
    long: str
    this_period: str
    recent: str


MONTHLY = Step("1 month", "1 month", "date_trunc('month', as_of_at)", f"{RECENT_MONTHS} month")
WEEKLY = Step("7 day", "1 day", "date_trunc('day', as_of_at)", f"{7 * RECENT_WEEKS} day")
"""For days of one weekday: Mondays against Mondays."""


@dataclass(frozen=True)
class Series:
    """A query with a row for each of `keys` and `period` (a date), and the figures it has then.

    `counts` are figures that are 0 where a period has no row, `figures` those that are unknown
    there. Each gets a column NAME_ratio. `at_least` is the usual figure from which on a count is
    compared.
    """

    sql: str
    keys: tuple[str, ...]
    period: str
    counts: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    at_least: float = 0
    step: Step = MONTHLY


def against_history(series: Series) -> str:
    """A query: recent whole periods of the series with NAME and NAME_ratio, figures as DOUBLE.

    Periods go from the first of a key to the newest of all, so that one without rows is seen.
    """
    keys, period = series.keys, series.period
    partition = ", ".join(keys)
    matched = " and ".join(f"periods.{name} = measured.{name}" for name in (*keys, period))
    dense = [f"coalesce(cast({name} as double), 0) as {name}" for name in series.counts]
    dense += [f"cast({name} as double) as {name}" for name in series.figures]
    names = (*series.counts, *series.figures)
    usual = ", ".join(
        f"case when count({name}) over history >= {PERIODS_KNOWN}"
        f" then median({name}) over history end as usual_{name}"
        for name in names
    )
    ratios = ", ".join(
        f"case when usual_{name} >= {series.at_least if name in series.counts else 0}"
        f" then {name} / nullif(usual_{name}, 0) end as {name}_ratio"
        for name in names
    )
    return f"""
        with measured as ({series.sql}),
        ends as (
            select least(
                max({series.step.this_period}), max({period}) + interval {series.step.long}
            ) as ends_at
            from measured cross join dim_as_of
        ),
        periods as (
            select {partition}, cast(unnest(range(
                cast(min({period}) as timestamp), cast(any_value(ends_at) as timestamp),
                interval {series.step.apart}
            )) as date) as {period}
            from measured cross join ends
            group by {partition}
        ),
        dense as (
            select {", ".join(f"periods.{name}" for name in (*keys, period))}, {", ".join(dense)}
            from periods left join measured on {matched}
        ),
        compared as (
            select *, {usual}
            from dense
            window history as (
                partition by {partition} order by {period}
                rows between {PERIODS_BEFORE} preceding and 1 preceding
            )
        )
        select {partition}, {period}, {", ".join(names)}, {ratios}
        from compared cross join ends
        where {period} >= ends_at - interval {series.step.recent}
    """


def shares(parts: Mapping[str, str], whole: str) -> str:
    """Columns of a select list, each a share of `whole` as DOUBLE; null where that is 0."""
    return ", ".join(
        f"cast({part} as double) / nullif(cast({whole} as double), 0) as {name}"
        for name, part in parts.items()
    )


def freshness(mart: str, newest: str, behind: str, claim: Claim) -> Batch:
    """A batch of one row: the newest instant or date of a mart, and how far it lies behind.

    `newest` is an aggregate over the mart and `behind` an expression over newest and as_of_at.
    """
    return Batch(
        name=f"{mart}_freshness",
        mart=mart,
        sql=f"""
            select newest, as_of_at, cast({behind} as double) as {claim.column}
            from (select {newest} as newest from {mart}) cross join dim_as_of
            where newest is not null
        """,
        keys=("newest", "as_of_at"),
        claims=(claim,),
    )


MONTHS_BEHIND = "date_diff('month', newest, as_of_at)"
DAYS_BEHIND = "date_diff('hour', newest, as_of_at) / 24"

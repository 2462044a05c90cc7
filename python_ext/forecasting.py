"""What a monthly series of money is expected to come to, and what was expected of it before.

A level (simple exponential smoothing), one with a damped trend (Holt) or, from two years of months,
with a season too (Holt-Winters): the state space models of statsmodels, chosen by Schwarz's
criterion. The last month again where there is too little to fit, or nothing moves. See Hyndman and
Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), chapters 5 and 8.

Smoothing parameters are the best of a grid, not an optimiser's: over so few months the likelihood
is flat, and where a search stops differs from machine to machine. It is quicker too: one pass over
a series says what was expected of each month from the months before it, so that every origin of a
backtest has the parameters that were best until then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from itertools import pairwise, product
from math import inf, log
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

NAIVE, LEVEL, HOLT, HOLT_WINTERS = "naive", "level", "holt_damped", "holt_winters_damped"

SPREAD_FROM = 3
"""Months from which the last month again has intervals: those with two changes."""
FITTED_FROM = 8
"""Months from which a model is fitted: one for each of the trend's five parameters, and three."""
YEAR = 12
SEASONAL_FROM = 2 * YEAR

LEVELS = (80, 95)
"""Percent of what comes that an interval is meant to hold."""
QUANTILES = tuple(Decimal(NormalDist().inv_cdf(0.5 + level / 200)) for level in LEVELS)

Numbers = npt.NDArray[np.float64]

CENT = Decimal("0.01")
PRECISION = 60
"""Digits of the arithmetic; an amount has 38."""

TREND = {"trend": "add", "damped_trend": True}
SEASON = TREND | {"seasonal": "add", "seasonal_periods": YEAR}
LEVEL_GRID = tuple((level,) for level in (0.1, 0.3, 0.5, 0.7, 0.9, 0.99))
HOLT_GRID = tuple(
    (level, level * slope, damping)
    for level, slope, damping in product(
        (0.1, 0.3, 0.5, 0.7, 0.9, 0.99), (0.01, 0.1, 0.3), (0.8, 0.9, 0.98)
    )
)
HOLT_WINTERS_GRID = tuple(
    (level, level * slope, (1 - level) * season, damping)
    for level, slope, season, damping in product(
        (0.1, 0.3, 0.5, 0.9), (0.01, 0.1), (0.01, 0.1, 0.3), (0.9, 0.98)
    )
)


@dataclass(frozen=True)
class Estimate:
    """What one month is expected to come to, to the cent.

    It is made from the first `known_count` known months, the last of which is `horizon` months
    before. `intervals` has lower and upper of each of `LEVELS`, nothing where too few months are
    known to say how far off it may be.
    """

    method: str
    known_count: int
    horizon: int
    point: Decimal
    intervals: tuple[tuple[Decimal, Decimal], ...]


@dataclass(frozen=True)
class Forecast:
    """`before` is what each month of a series was expected to be one month earlier, or None.

    It is None where the month before is not known, or there is none. `ahead` is of the next months.
    """

    before: tuple[Estimate | None, ...]
    ahead: tuple[Estimate, ...]


@dataclass(frozen=True)
class Model:
    """A kind of model for origins of `months`, and the parameters that it may have.

    It estimates `parameter_count` numbers, the states that it begins with among them.
    """

    method: str
    months: range
    parameter_count: int
    options: Mapping[str, Any]
    grid: Sequence[tuple[float, ...]]


@dataclass(frozen=True)
class Fit:
    """A model that has passed over all known months, with each parameters of its grid.

    `expected[k, t]` is what parameters k expect of month t, `errors[k, t]` the sum of their squared
    errors before it, in units of the series.
    """

    model: Model
    expected: Numbers
    errors: Numbers

    def best(self, months: int) -> int:
        """The parameters that were best over the first months."""
        return int(np.argmin(self.errors[:, months]))

    def variance(self, months: int) -> float:
        """Of the error one month ahead, judged from the first months."""
        return float(self.errors[self.best(months), months]) / (months - self.model.parameter_count)

    def criterion(self, months: int) -> float:
        """Schwarz's: lower is better, and what a model estimates counts against it."""
        error = float(self.errors[self.best(months), months])
        lack_of_fit = months * log(error / months) if error > 0 else -inf
        return lack_of_fit + self.model.parameter_count * log(months)


def forecast(amounts: Sequence[Decimal | None], horizon: int) -> Forecast:
    """Forecasts of the next months of a series, and of each of its own from those before it.

    `amounts` are months in a row, oldest first, in one currency. Unknown ones (None) are left out,
    and the others close up. `horizon` is how many months after the last are asked for, from 1.
    """
    known = [amount for amount in amounts if amount is not None]
    if not known:
        return Forecast((None,) * len(amounts), ())
    unknown_count = next(n for n, amount in enumerate(reversed(amounts)) if amount is not None)
    with localcontext() as context:
        context.prec = PRECISION
        fits = tuple(_fits(known, _unbroken(amounts)))
        ahead = _ahead(known, fits, unknown_count + horizon)
        one_ahead = [_one_ahead(known, fits, n) for n in range(1, len(known))] + [ahead[0]]
    before: list[Estimate | None] = []
    known_count, is_known = 0, False
    for amount in amounts:
        before.append(one_ahead[known_count - 1] if is_known else None)
        is_known = amount is not None
        known_count += is_known
    return Forecast(tuple(before), ahead[unknown_count:])


def _unbroken(amounts: Sequence[Decimal | None]) -> int:
    """How many known months there are until one is unknown."""
    first = next(n for n, amount in enumerate(amounts) if amount is not None)
    run = [*amounts[first:], None]
    return run.index(None)


def _fits(known: Sequence[Decimal], unbroken: int) -> Iterator[Fit]:
    """The models that there are months enough for; none where nothing moves."""
    if len(known) < FITTED_FROM or len(set(known)) == 1:
        return
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel  # it takes two seconds

    scaled = _scaled(known)
    months = range(FITTED_FROM, len(known) + 1)
    models = [
        Model(LEVEL, months, 2, _beginning(initial_level=scaled[0]), LEVEL_GRID),
        Model(HOLT, months, 5, TREND | _line(scaled[:FITTED_FROM]), HOLT_GRID),
    ]
    if unbroken >= SEASONAL_FROM:
        years = ETSModel(scaled[:SEASONAL_FROM], **SEASON, initialization_method="heuristic")
        options = SEASON | _beginning(
            initial_level=years.initial_level,
            initial_trend=years.initial_trend,
            initial_seasonal=years.initial_seasonal,
        )
        months = range(SEASONAL_FROM, unbroken + 1)
        models.append(Model(HOLT_WINTERS, months, 5 + YEAR, options, HOLT_WINTERS_GRID))
    for model in models:
        library = ETSModel(scaled, **model.options)
        expected = np.array([library.smooth(point, return_raw=True)[0] for point in model.grid])
        errors = np.cumsum((scaled - expected) ** 2, axis=1)
        yield Fit(model, expected, np.hstack([np.zeros((len(model.grid), 1)), errors]))


def _beginning(**states: Any) -> dict[str, Any]:
    """The states that a model begins with, read off months that precede each of its origins."""
    return {"initialization_method": "known"} | states


def _line(first: Numbers) -> dict[str, Any]:
    """Level and trend the month before the first, by least squares."""
    place = np.arange(len(first)) - (len(first) - 1) / 2
    slope = place @ first / (place @ place)
    level = first.mean() - slope * (len(first) + 1) / 2
    return _beginning(initial_level=level, initial_trend=slope)


def _scaled(known: Sequence[Decimal]) -> Numbers:
    """Amounts in units of the series: ten times a series gets the same fit, to the last bit."""
    unit = _unit(known)
    return np.array([float(amount / unit) for amount in known])


def _unit(known: Sequence[Decimal]) -> Decimal:
    """The first amount that is not zero: before it there is nothing to fit, so no later one."""
    return next(abs(amount) for amount in known if amount)


def _chosen(known: Sequence[Decimal], fits: Sequence[Fit]) -> Fit | None:
    """The model for the months that are known so far; None is the last one again."""
    fitting = [fit for fit in fits if len(known) in fit.model.months]
    if not fitting or len(set(known)) == 1:
        return None
    return min(fitting, key=lambda fit: fit.criterion(len(known)))


def _one_ahead(known: Sequence[Decimal], fits: Sequence[Fit], months: int) -> Estimate:
    """What the first months say of the next, which the model has passed already."""
    so_far = known[:months]
    fit = _chosen(so_far, fits)
    if fit is None:
        return _again(so_far, 1)
    point = float(fit.expected[fit.best(months), months])
    return _estimate(fit.model.method, so_far, 1, point, fit.variance(months))


def _ahead(known: Sequence[Decimal], fits: Sequence[Fit], horizon: int) -> tuple[Estimate, ...]:
    """What all known months say of those after them."""
    months = len(known)
    fit = _chosen(known, fits)
    if fit is None:
        return tuple(_again(known, step + 1) for step in range(horizon))
    import pandas as pd  # the library tells no variance without it
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    library = ETSModel(pd.Series(_scaled(known)), **fit.model.options)
    smoothed = library.smooth(fit.model.grid[fit.best(months)])
    found = smoothed.get_prediction(start=months, end=months + horizon - 1)
    # The library divides by the number of months, which is too sure of itself while they are few.
    freedom = months / (months - fit.model.parameter_count)
    return tuple(
        _estimate(fit.model.method, known, step + 1, float(point), float(variance) * freedom)
        for step, (point, variance) in enumerate(
            zip(found.predicted_mean, found.forecast_variance, strict=True)
        )
    )


def _again(known: Sequence[Decimal], horizon: int) -> Estimate:
    """The last month again; it moves as far as the months before did, and further with time."""
    changes = [later - earlier for earlier, later in pairwise(known)]
    spread = None
    if len(known) >= SPREAD_FROM:
        total = sum((change * change for change in changes), Decimal(0))
        spread = (total / len(changes) * horizon).sqrt()
    return _rounded(NAIVE, known, horizon, known[-1], spread)


def _estimate(
    method: str, known: Sequence[Decimal], horizon: int, point: float, variance: float
) -> Estimate:
    unit = _unit(known)
    return _rounded(method, known, horizon, Decimal(point) * unit, Decimal(variance).sqrt() * unit)


def _rounded(
    method: str, known: Sequence[Decimal], horizon: int, point: Decimal, spread: Decimal | None
) -> Estimate:
    """To the cent; a series that never was below zero is not expected to be."""

    def cents(amount: Decimal) -> Decimal:
        at_least = max(amount, Decimal(0)) if min(known) >= 0 else amount
        return at_least.quantize(CENT, ROUND_HALF_UP)

    intervals = (
        tuple((cents(point - many * spread), cents(point + many * spread)) for many in QUANTILES)
        if spread is not None
        else ()
    )
    return Estimate(method, len(known), horizon, cents(point), intervals)

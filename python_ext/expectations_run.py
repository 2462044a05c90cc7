"""Checks suites with Great Expectations: DataFrames out of DuckDB, one checkpoint, Data Docs.

Great Expectations takes seconds to load, so this module is imported by those who check only.
"""

import logging
import math
import shutil
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import great_expectations as gx
import pandas as pd
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.expectations.expectation import Expectation

from python_ext.errors import MeterhouseError
from python_ext.expectations import Batch, Claim, Example, Outcome, Report, Suite

EXAMPLES = 5
SUBJECT = "subject"
"""Column of every DataFrame that names its row by the batch's keys."""


def check(
    connection: duckdb.DuckDBPyConnection,
    suites: Sequence[Suite],
    scratch: Path,
    docs: Path | None = None,
) -> Report:
    """Check the suites on what `connection` holds; write Data Docs to `docs`, a folder to replace.

    `scratch` is an empty folder for the batches' rows. Raises MeterhouseError where a mart or a
    column that a batch reads is not there.
    """
    as_of = _read(connection, "dim_as_of", "select max(as_of_at) as as_of_at from dim_as_of")
    as_of_at = None if as_of["as_of_at"].isna().all() else as_of["as_of_at"][0].to_pydatetime()
    chosen: list[Chosen] = []
    unjudged: list[tuple[Batch, Claim]] = []
    for suite in suites:
        for batch in suite.batches:
            frame = _frame(connection, batch)
            claims = tuple(each for each in batch.claims if _has_enough(frame, each))
            unjudged += [(batch, each) for each in batch.claims if each not in claims]
            if claims:
                path = scratch / f"{suite.name}.{batch.name}.parquet"
                frame.to_parquet(path)
                chosen.append(Chosen(suite.name, batch, claims, frame, path))
    outcomes: list[Outcome] = []
    if chosen:
        with _quiet():
            results = _validate(chosen, as_of_at or datetime(2000, 1, 1), docs)
        for each, found in zip(chosen, results, strict=True):
            outcomes += [
                _outcome(each, claim, result)
                for claim, result in zip(each.claims, found, strict=True)
            ]
    return Report(tuple(outcomes), tuple(unjudged), as_of_at)


@dataclass(frozen=True)
class Chosen:
    """A batch, its claims that can be judged, its rows, and the file that they are read from."""

    suite: str
    batch: Batch
    claims: tuple[Claim, ...]
    frame: pd.DataFrame
    path: Path


def _has_enough(frame: pd.DataFrame, claim: Claim) -> bool:
    """One value is enough, but for a standard deviation."""
    least = 2 if claim.expectation == "ExpectColumnStdevToBeBetween" else 1
    return int(frame[claim.column].notna().sum()) >= least


def _frame(connection: duckdb.DuckDBPyConnection, batch: Batch) -> pd.DataFrame:
    """The batch's rows in the order of their subjects: the subject and the columns of claims."""
    subject = ", ".join(f"'{key}=' || cast({key} as varchar)" for key in batch.keys)
    columns = ", ".join(dict.fromkeys(claim.column for claim in batch.claims))
    query = (
        f"select concat_ws(', ', {subject}) as {SUBJECT}, {columns}"
        f" from ({batch.sql}) order by {SUBJECT}"
    )
    return _read(connection, batch.mart, query)


def _read(connection: duckdb.DuckDBPyConnection, mart: str, query: str) -> pd.DataFrame:
    try:
        return connection.execute(query).df()
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise MeterhouseError(
            mart,
            f"it is not published as it is checked ({str(error).splitlines()[0]})",
            "run meterhouse build",
        ) from None


def _validate(
    chosen: Sequence[Chosen], as_of: datetime, docs: Path | None
) -> list[list[ExpectationValidationResult]]:
    """Run one checkpoint over all batches; the results of each, in the order of its claims."""
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("published")
    definitions = []
    for each in chosen:
        name = f"{each.suite}.{each.batch.name}"
        asset: Any = source.add_parquet_asset(name, path=each.path)
        suite = gx.ExpectationSuite(name=name, meta={"mart": each.batch.mart})
        for number, claim in enumerate(each.claims):
            suite.add_expectation(_expectation(claim, number))
        definitions.append(
            context.validation_definitions.add(
                gx.ValidationDefinition(
                    name=name,
                    data=asset.add_batch_definition("all"),
                    suite=context.suites.add(suite),
                )
            )
        )
    # Named like as-of and not after the clock, the pages of equal data are equal.
    run = RunIdentifier(run_name="published", run_time=as_of.replace(tzinfo=UTC))
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(
            name="published",
            validation_definitions=definitions,
            result_format={
                "result_format": "COMPLETE",
                "unexpected_index_column_names": [SUBJECT],
            },
        )
    )
    done = checkpoint.run(run_id=run)
    if docs is not None:
        _write_docs(context, docs)
    by_suite = {found.suite_name: found for found in done.run_results.values()}
    return [
        sorted(
            by_suite[definition.name].results,
            key=_number,
        )
        for definition in definitions
    ]


def _write_docs(context: EphemeralDataContext, docs: Path) -> None:
    """Write all pages at once (an action of the checkpoint writes the index for every batch).

    The folder takes the place of `docs` when it is whole.
    """
    partial = docs.with_name(f".{docs.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for name in context.get_site_names():
        context.delete_data_docs_site(name)
    context.add_data_docs_site(
        "quality",
        {
            "class_name": "SiteBuilder",
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(partial),
            },
        },
    )
    context.build_data_docs()
    shutil.rmtree(docs, ignore_errors=True)
    partial.replace(docs)


def _expectation(claim: Claim, number: int) -> Expectation:
    kind = getattr(gx.expectations, claim.expectation)
    made: Expectation = kind(
        column=claim.column,
        severity=claim.severity.value,
        notes=claim.says,
        meta={"claim": number},
        **claim.arguments,
    )
    return made


def _number(result: ExpectationValidationResult) -> int:
    """The place of a result's claim in its batch; results come in another order."""
    config = result.expectation_config
    return int(config.meta["claim"]) if config and config.meta else 0


def _outcome(chosen: Chosen, claim: Claim, result: ExpectationValidationResult) -> Outcome:
    found: dict[str, Any] = dict(result.result)
    rows: list[tuple[str, Any]] = [
        (row[SUBJECT], row[claim.column]) for row in found.get("unexpected_index_list") or ()
    ]
    observed = found.get("observed_value")
    if found and not result.success and "unexpected_count" not in found:
        rows = _apart(chosen.frame, claim, observed)
    problem = "" if found else f"nothing: {_complaint(result.exception_info)}"
    return Outcome(
        suite=chosen.suite,
        batch=chosen.batch,
        claim=claim,
        is_met=bool(result.success),
        observed=problem or ("" if observed is None else _shown(observed)),
        failing_count=int(found.get("unexpected_count", 0)),
        examples=tuple(Example(subject, _shown(value)) for subject, value in rows[:EXAMPLES]),
    )


def _complaint(info: Any) -> str:
    """Why Great Expectations could not look: what it raised, or what a metric of it did."""
    told = [info, *(each for each in dict(info or {}).values() if isinstance(each, dict))]
    messages = [str(each["exception_message"]) for each in told if each.get("exception_message")]
    return messages[0].splitlines()[0] if messages else "it does not say why"


def _apart(frame: pd.DataFrame, claim: Claim, observed: Any) -> list[tuple[str, Any]]:
    """The rows that have most to do with an aggregate out of its limits; or what is missing."""
    wanted = claim.arguments.get("value_set")
    if isinstance(wanted, list):
        there = set(frame[claim.column])
        return [(f"{claim.column}={value}", "missing") for value in wanted if value not in there]
    values = frame.set_index(SUBJECT)[claim.column].dropna()
    high = claim.arguments.get("max_value")
    if claim.expectation == "ExpectColumnStdevToBeBetween":
        values = values.loc[(values - values.mean()).abs().sort_values(ascending=False).index]
    elif isinstance(high, float | int) and observed is not None and observed > high:
        values = values.sort_values(ascending=False, kind="stable")
    else:
        values = values.sort_values(kind="stable")
    return list(values.items())


def _shown(value: Any) -> str:
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:.6g}"
    return str(value)


@contextmanager
def _quiet() -> Iterator[None]:
    """Great Expectations warns about itself; a reader is told of the data only."""
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)

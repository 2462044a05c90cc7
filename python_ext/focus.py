"""FOCUS cost and usage statements, row by row, as the provider wrote them.

CSV is read here and not by the engine, because a row has no natural key (its file and number
identify it) and the engine does not number CSV rows; Parquet rows it numbers. Source of the
columns: FOCUS specification 1.0 to 1.4, CC BY 4.0.
"""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from duckdb.sqltypes import VARCHAR, DuckDBPyType

from python_ext.errors import MeterhouseError
from python_ext.sql_text import NOT_WRITTEN, as_text, literal, quoted

FOCUS_COLUMNS = (
    "AllocatedMethodDetails",
    "AllocatedMethodId",
    "AllocatedResourceId",
    "AllocatedResourceName",
    "AllocatedTags",
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingAccountType",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "CapacityReservationId",
    "CapacityReservationStatus",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountQuantity",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "CommitmentDiscountUnit",
    "CommitmentProgramEligibilityDetails",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractApplied",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "HostProviderName",
    "InvoiceDetailId",
    "InvoiceId",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingCurrency",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "ServiceProviderName",
    "ServiceSubcategory",
    "SkuId",
    "SkuMeter",
    "SkuPriceDetails",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "Tags",
)
"""The union of the columns of FOCUS 1.0 to 1.4."""

ROWS_SCHEMA = pa.schema(
    [
        ("landed_file", pa.string()),
        ("line_number", pa.int64()),
        *((column, pa.string()) for column in FOCUS_COLUMNS),
        ("other_columns", pa.string()),
    ]
)


@dataclass(frozen=True)
class Part:
    """Rows of files that write the same columns in the same types.

    `file` and `number` are expressions for where a row stands; `columns` has the expression and
    the type of each column that there is, and `others` is one for a JSON object of what FOCUS does
    not know.
    """

    rows: duckdb.DuckDBPyRelation
    file: str
    number: str
    columns: Mapping[str, tuple[str, DuckDBPyType]]
    others: str

    @property
    def located(self) -> tuple[str, str]:
        """The columns that say where a row stands."""
        return f"{self.file} as landed_file", f"cast({self.number} as bigint) as line_number"

    def text(self, column: str) -> str:
        """SQL for the text of a column, which is null where the files have none."""
        return as_text(*self.columns[column]) if column in self.columns else "cast(null as varchar)"


def as_written(part: Part) -> duckdb.DuckDBPyRelation:
    """Statement rows under the columns of `ROWS_SCHEMA`, every value as the text that was landed.

    `line_number` counts data rows from 1. Empty text, `NULL` and `null` are null; a column that a
    file lacks is null; what FOCUS does not know is kept as a JSON object in `other_columns`.
    What Parquet types is written out: decimals plainly, instants as ISO 8601 in UTC, maps and
    structs as JSON with their keys in order.
    """
    known = (f"{part.text(column)} as {quoted(column)}" for column in FOCUS_COLUMNS)
    return part.rows.project(", ".join([*part.located, *known, f"{part.others} as other_columns"]))


def stacked(relations: Sequence[duckdb.DuckDBPyRelation]) -> duckdb.DuckDBPyRelation:
    """All rows of one or more relations with the same columns."""
    return reduce(lambda one, other: one.union(other), relations)


def parts(session: duckdb.DuckDBPyConnection, landing: Path, names: Sequence[str]) -> list[Part]:
    """Files by what they have in common; nothing but their headers is read yet.

    Raises MeterhouseError where a header cannot be read; reading the rows, which can be done once,
    fails likewise for a damaged gzip, and for rows that do not fit the header or are not UTF-8.
    """
    return [*_parquet_parts(session, landing, names), *_csv_parts(session, landing, names)]


def read_csv_rows(
    landing: Path, names: Sequence[str], columns: Sequence[str]
) -> pa.RecordBatchReader:
    """Stream the rows of CSV files with one header: `landed_file`, `line_number`, `c0`, `c1`, ...

    Raises MeterhouseError for a damaged gzip, and for rows that do not fit the header or are not
    UTF-8.
    """
    fields = [(f"c{number}", pa.string()) for number in range(len(columns))]
    schema = pa.schema([("landed_file", pa.string()), ("line_number", pa.int64()), *fields])
    batches = (batch for name in names for batch in _csv_batches(landing / name, name, schema))
    return pa.RecordBatchReader.from_batches(schema, batches)


def _parquet_parts(
    session: duckdb.DuckDBPyConnection, landing: Path, names: Sequence[str]
) -> Iterator[Part]:
    groups: dict[str, list[str]] = {}
    for name in names:
        if name.endswith(".parquet"):
            schema = pq.read_schema(landing / name).remove_metadata()
            groups.setdefault(schema.to_string(), []).append(name)
    prefix = f"{landing}/"
    for files in groups.values():
        paths = ", ".join(literal(f"{prefix}{name}") for name in files)
        # A folder `landed=...` is no column.
        reader = f"read_parquet([{paths}], hive_partitioning = false"
        rows = session.sql(f"select * from {reader})")
        numbered = f"{reader}, filename = '(landed file)', file_row_number = true)"
        columns = {
            column: (quoted(column), type_)
            for column, type_ in zip(rows.columns, rows.types, strict=True)
        }
        file = f'substring("(landed file)", {len(prefix) + 1})'
        all_rows = session.sql(f"select * from {numbered}")
        yield Part(all_rows, file, "file_row_number + 1", columns, _others(columns))


def _csv_parts(
    session: duckdb.DuckDBPyConnection, landing: Path, names: Sequence[str]
) -> Iterator[Part]:
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        if not name.endswith(".parquet"):
            groups.setdefault(_header(landing / name), []).append(name)
    for header, files in groups.items():
        columns = {column: (f"c{number}", VARCHAR) for number, column in enumerate(header)}
        rows = session.from_arrow(read_csv_rows(landing, files, header))
        yield Part(rows, "landed_file", "line_number", columns, _others(columns))


def _others(columns: Mapping[str, tuple[str, DuckDBPyType]]) -> str:
    unknown = sorted(columns.keys() - set(FOCUS_COLUMNS))
    pairs = chain.from_iterable((literal(name), as_text(*columns[name])) for name in unknown)
    return f"cast(json_object({', '.join(pairs)}) as varchar)"


def _header(path: Path) -> tuple[str, ...]:
    with _refusing(path, lambda: 0), _opened(path) as stream:
        return _next_header(stream)


def _csv_batches(path: Path, name: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    columns = schema.names[2:]
    count = 0
    with _refusing(path, lambda: count), _opened(path) as stream:
        _next_header(stream)
        for batch in pa_csv.open_csv(
            stream,
            read_options=pa_csv.ReadOptions(column_names=columns, block_size=8 * 1024 * 1024),
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=list(NOT_WRITTEN),
            ),
        ):
            numbers = np.arange(count + 1, count + 1 + batch.num_rows)
            files = pa.repeat(name, batch.num_rows)
            yield pa.RecordBatch.from_arrays(
                [files, pa.array(numbers), *batch.columns], schema=schema
            )
            count += batch.num_rows


def _opened(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _next_header(stream: BinaryIO) -> tuple[str, ...]:
    return tuple(next(csv.reader([stream.readline().decode("utf-8-sig")])))


@contextmanager
def _refusing(path: Path, row_count: Callable[[], int]) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowInvalid, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise MeterhouseError(
            str(path),
            f"after row {row_count()}: {error}",
            "export the whole statement again as UTF-8 with one header, and land that",
        ) from error

"""FOCUS cost and usage statements, row by row, as the provider wrote them.

Read here and not by the engine, because a row has no natural key (its file and number identify
it) and the engine does not number CSV rows. Source of the columns: FOCUS specification 1.0 to
1.4, CC BY 4.0.
"""

import csv
import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from python_ext.errors import MeterhouseError

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


def read_rows(landing: Path, names: Sequence[str]) -> pa.RecordBatchReader:
    """Stream statement rows as batches of `ROWS_SCHEMA`, every value as the text that was landed.

    `line_number` counts data rows from 1. Empty text, `NULL` and `null` are null; a column that a file
    lacks is null; columns that FOCUS does not know are kept as a JSON object in `other_columns`.
    Raises MeterhouseError for a damaged gzip, and for rows that do not fit the header or are not
    UTF-8.
    """
    batches = (batch for name in names for batch in _file_batches(landing / name, name))
    return pa.RecordBatchReader.from_batches(ROWS_SCHEMA, batches)


def _file_batches(path: Path, name: str) -> Iterator[pa.RecordBatch]:
    first_number = 1
    try:
        for batch in _raw_batches(path):
            yield _tidy(batch, name, first_number)
            first_number += batch.num_rows
    except (pa.ArrowInvalid, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise MeterhouseError(
            str(path),
            f"after row {first_number - 1}: {error}",
            "export the whole statement again as UTF-8 with one header, and land that",
        ) from error


def _raw_batches(path: Path) -> Iterator[pa.RecordBatch]:
    if path.suffix == ".parquet":
        yield from pq.ParquetFile(path).iter_batches()
        return
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        columns = next(csv.reader([stream.readline().decode("utf-8-sig")]))
        yield from pa_csv.open_csv(
            stream,
            read_options=pa_csv.ReadOptions(column_names=columns, block_size=8 * 1024 * 1024),
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                column_types={column: pa.string() for column in columns},
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=["", "NULL", "null"],
            ),
        )


def _tidy(batch: pa.RecordBatch, name: str, first_number: int) -> pa.RecordBatch:
    numbers = range(first_number, first_number + batch.num_rows)
    known = [
        _as_text(batch.column(column))
        if column in batch.schema.names
        else pa.nulls(batch.num_rows, pa.string())
        for column in FOCUS_COLUMNS
    ]
    others = [column for column in batch.schema.names if column not in FOCUS_COLUMNS]
    return pa.RecordBatch.from_arrays(
        [
            pa.array([name] * batch.num_rows, pa.string()),
            pa.array(numbers, pa.int64()),
            *known,
            _as_json(batch.select(others)),
        ],
        schema=ROWS_SCHEMA,
    )


def _as_text(values: pa.Array) -> pa.Array:
    if pa.types.is_nested(values.type):
        pairs = (None if value is None else dict(value) for value in values.to_pylist())
        return pa.array([pair and json.dumps(pair, sort_keys=True) for pair in pairs], pa.string())
    return pc.cast(values, pa.string())


def _as_json(batch: pa.RecordBatch) -> pa.Array:
    if not batch.num_columns:
        return pa.array(["{}"] * batch.num_rows, pa.string())
    texts = (_as_text(column).to_pylist() for column in batch.columns)
    rows = (dict(zip(batch.schema.names, row, strict=True)) for row in zip(*texts, strict=True))
    return pa.array([json.dumps(row, sort_keys=True) for row in rows], pa.string())

"""Arrow tables in, Arrow tables out: what the Python models of revenue call."""

from collections import defaultdict
from typing import Any

import pyarrow as pa

from python_ext.revenue_terms import Rate, Term, spans

SPANS = pa.schema(
    [
        *((name, pa.string()) for name in ("contract_id", "line_code", "pack_id")),
        ("span_number", pa.int32()),
        ("from_date", pa.date32()),
        ("to_date", pa.date32()),
        ("price_amount", pa.decimal128(22, 4)),
    ]
)


def terms_scheduled(rates: pa.Table) -> pa.Table:
    """How the price of each contract line's term is earned, as `SPANS`.

    `rates` (int_revenue__terms_agreed) has a row for each rate of such a line.
    """
    lines: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rates.to_pylist():
        lines[row["contract_id"], row["line_code"]].append(row)
    found = []
    for (contract, line), rows in sorted(lines.items()):
        first = min(rows, key=lambda row: row["from_date"])
        term = Term(
            first["term_from_date"],
            first["term_to_date"],
            first["convention"],
            first["modification"],
            first["minor_unit"],
        )
        agreed = [
            Rate(row["from_date"], row["to_date"], row["month_amount"], row["known_date"])
            for row in rows
        ]
        found += [
            {
                "contract_id": contract,
                "line_code": line,
                "pack_id": first["pack_id"],
                "span_number": number,
                "from_date": span.from_date,
                "to_date": span.to_date,
                "price_amount": span.amount,
            }
            for number, span in enumerate(spans(term, agreed), 1)
        ]
    return pa.Table.from_pylist(found, schema=SPANS)

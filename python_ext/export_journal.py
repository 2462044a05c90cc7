"""The journal of a month as rows of NetSuite's CSV import of journal entries.

Pure. A record is the rows that share an External ID; it has one subsidiary, currency and exchange
rate, and balances at the minor unit. So

- cost, posted in fractions of a cent, becomes one record a month, subsidiary and currency; what
  does not come to half a minor unit in all is left out, and counted;
- debits and credits are rounded together, by largest remainder;
- what an entry changes in the reporting currency beyond its amounts at its rate is a record in
  that currency, `-usd` in its External ID.

Source: NetSuite's guide to CSV imports (journal entries).
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

from python_ext.largest_remainder import split

COLUMNS = (
    "External ID",
    "Date",
    "Subsidiary",
    "Currency",
    "Exchange Rate",
    "Memo",
    "Line Number",
    "Account",
    "Account Name",
    "Debit",
    "Credit",
    "Entity",
)

COST = {"cost_attribution", "unallocated_cost"}
REPORTING, CENT, RATE = "USD", Decimal("0.01"), Decimal("0.000000001")
ZERO = Decimal(0)

Row = dict[str, str]


@dataclass(frozen=True)
class Line:
    """A line of the journal. `amount`, in `currency_code`, and `amount_usd` are debits above zero.

    `amount_usd` is None where a rate is missing; `subsidiary` is the issuing entity, None where the
    line is of no contract or tenant that has one; `step` is the minor unit.
    """

    entry_id: str
    source_type: str
    posted_date: date
    gl_code: str
    account_name: str
    amount: Decimal
    amount_usd: Decimal | None
    currency_code: str
    step: Decimal
    subsidiary: str | None
    entity: str
    memo: str


@dataclass(frozen=True)
class Exported:
    """The rows, how many entries they hold, and the ids of those too small to be stated."""

    rows: tuple[Row, ...]
    entry_count: int
    too_small: tuple[str, ...]


def rows(lines: Iterable[Line]) -> Exported:
    """The rows of all records, by date and External ID. An entry's lines are all among `lines`."""
    entries: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        line = _summarised(line)
        entries[line.entry_id].append(line)
    written: list[Row] = []
    too_small: list[str] = []
    ordered = sorted(entries.items(), key=lambda entry: (entry[1][0].posted_date, entry[0]))
    with localcontext(prec=76):
        for external_id, its_lines in ordered:
            record = [*_records(external_id, _netted(its_lines))]
            written += record
            if not record:
                too_small.append(external_id)
    return Exported(tuple(written), len(entries) - len(too_small), tuple(too_small))


def as_csv(rows: Iterable[Row]) -> str:
    """Rows below their heading, RFC 4180."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _summarised(line: Line) -> Line:
    if line.source_type not in COST:
        return line
    record = f"cost-{line.posted_date:%Y-%m}-{line.subsidiary}-{line.currency_code}"
    return replace(line, entry_id=record, entity="", memo=f"Cost of {line.posted_date:%Y-%m}")


def _netted(lines: Sequence[Line]) -> list[Line]:
    """One line an account, in order of code; an amount in dollars is unknown if a part is."""
    accounts: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        accounts[line.gl_code, line.account_name].append(line)
    netted = []
    for _, parts in sorted(accounts.items()):
        usd = [part.amount_usd for part in parts if part.amount_usd is not None]
        netted.append(
            replace(
                parts[0],
                amount=sum((part.amount for part in parts), ZERO),
                amount_usd=sum(usd, ZERO) if len(usd) == len(parts) else None,
            )
        )
    return netted


def _records(external_id: str, lines: Sequence[Line]) -> Iterator[Row]:
    """The entry in its currency, and what it changes beyond that in the reporting currency."""
    known = [line for line in lines if line.amount_usd is not None]
    debits = sum((line.amount for line in lines if line.amount > 0), ZERO)
    rate = None
    if debits and len(known) == len(lines):
        worth = sum((line.amount_usd or ZERO for line in lines if line.amount > 0), ZERO)
        rate = (worth / debits).quantize(RATE, ROUND_HALF_UP)
    amounts = {str(number): line.amount for number, line in enumerate(lines)}
    yield from _rows(external_id, lines, _rounded(amounts, lines[0].step), rate)
    if len(known) < len(lines):
        return
    beyond = {
        str(number): (line.amount_usd or ZERO) - line.amount * (rate or ZERO)
        for number, line in enumerate(lines)
    }
    in_dollars = [replace(line, currency_code=REPORTING) for line in lines]
    yield from _rows(f"{external_id}-usd", in_dollars, _rounded(beyond, CENT), Decimal(1))


def _rounded(amounts: Mapping[str, Decimal], step: Decimal) -> dict[str, Decimal]:
    """Amounts at `step`: debits and credits come to the same, the total rounded half away."""
    found: dict[str, Decimal] = {}
    debits = {key: amount for key, amount in amounts.items() if amount > 0}
    credits = {key: -amount for key, amount in amounts.items() if amount < 0}
    total = sum(debits.values(), ZERO).quantize(step, ROUND_HALF_UP)
    for side, sign in ((debits, 1), (credits, -1)):
        if total and side:
            found |= {key: sign * part for key, part in split(total, side, step).items()}
    return found


def _rows(
    external_id: str, lines: Sequence[Line], amounts: Mapping[str, Decimal], rate: Decimal | None
) -> Iterator[Row]:
    in_order = sorted(amounts.items(), key=lambda item: int(item[0]))
    stated = [(lines[int(key)], part) for key, part in in_order if part]
    for number, (line, part) in enumerate(stated, 1):
        yield {
            "External ID": external_id,
            "Date": line.posted_date.isoformat(),
            "Subsidiary": line.subsidiary or "",
            "Currency": line.currency_code,
            "Exchange Rate": f"{rate.normalize():f}" if rate else "",
            "Memo": line.memo,
            "Line Number": str(number),
            "Account": line.gl_code,
            "Account Name": line.account_name,
            "Debit": f"{part:f}" if part > 0 else "",
            "Credit": f"{-part:f}" if part < 0 else "",
            "Entity": line.entity,
        }

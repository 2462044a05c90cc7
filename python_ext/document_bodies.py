"""Bodies of locks and documents, put together from what a build worked out.

Every amount comes from the models; nothing is worked out here but numbers of documents and the
totals that a reader wants to see beside their parts. Shapes are those of models/01_staging/landing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

import duckdb

from python_ext.documents import plain

Row = Mapping[str, Any]

ZERO = Decimal(0)

LOCKS = """
    select
        periods.*, billed.drafted_version as version
    from fct_periods_billed as billed
    inner join fct_billing_periods as periods using (billing_period_id)
    left join fct_locks as locks
        on billed.billing_period_id = locks.billing_period_id
        and billed.drafted_version = locks.version
    where billed.drafted_version is not null and locks.lock_id is null
        and periods.billing_period_id in (select unnest(?))
    order by periods.contract_id, periods.period_start_at, periods.billing_period_id
"""

CHARGES = """
    select * from fct_charges
    where billing_period_id in (select unnest(?))
    order by contract_id, billing_period_id, pack_id, line_type, plan_line_id, charge_key
"""

PARTIES = """
    tenants.tenant_name, tenants.country_code, tenants.tax_region, tenants.customer_kind,
    entities.issuing_entity_id, entities.entity_name, entities.country_code as entity_country_code,
    entities.invoice_prefix, contracts.minor_unit, contracts.payment_terms_days,
    buyer.address_lines, buyer.tax_number, buyer.locale, buyer.email,
    seller.address_lines as entity_address_lines, seller.tax_number as entity_tax_number,
    seller.email as entity_email, seller.bank_name, seller.iban, seller.bic,
    seller.account_number, seller.routing_number
"""

JOINED = """
    inner join dim_contracts as contracts on document.contract_id = contracts.contract_id
    inner join dim_tenants as tenants on contracts.tenant_id = tenants.tenant_id
    inner join dim_issuing_entities as entities
        on contracts.issuing_entity_id = entities.issuing_entity_id
    left join dim_invoice_parties as buyer
        on buyer.party_type = 'tenant' and buyer.party_id = tenants.tenant_id
    left join dim_invoice_parties as seller
        on seller.party_type = 'issuing_entity' and seller.party_id = entities.issuing_entity_id
"""

INVOICES = f"""
    select document.*, periods.billing_period_id, {PARTIES}
    from fct_invoices as document
    {JOINED}
    inner join fct_billing_periods as periods using (billing_period_id)
    where document.status = 'draft' and document.invoice_id in (select unnest(?))
    order by entities.issuing_entity_id, periods.bills_at, document.contract_id,
        document.invoice_id
"""

INVOICE_LINES = """
    select lines.*, packs.pack_name
    from fct_invoice_lines as lines
    inner join fct_invoices as invoices using (invoice_id, version)
    inner join dim_contracts as contracts on invoices.contract_id = contracts.contract_id
    inner join fct_billing_periods as periods
        on invoices.billing_period_id = periods.billing_period_id
    left join dim_packs as packs on lines.pack_id = packs.pack_id
    where invoices.status = 'draft' and invoices.invoice_id in (select unnest(?))
    order by contracts.issuing_entity_id, periods.bills_at, invoices.contract_id,
        invoices.invoice_id, lines.line_number
"""

COUPONS = """
    select billing_period_id, coupon_id, description, sum(coupon_amount) as amount
    from fct_invoice_coupons
    where billing_period_id in (select unnest(?))
    group by all
    order by billing_period_id, min(coupon_sequence), coupon_id
"""

CREDITS = """
    select billing_period_id, grant_id, -sum(amount) as amount
    from fct_wallet_movements
    where movement_type in ('draw', 'return') and billing_period_id in (select unnest(?))
    group by all
    having sum(amount) <> 0
    order by billing_period_id, grant_id
"""

INVOICE_TAXES = """
    select taxes.*
    from fct_invoice_line_taxes as taxes
    inner join fct_invoices as invoices using (invoice_id, version)
    where invoices.status = 'draft' and invoices.invoice_id in (select unnest(?))
    order by taxes.invoice_line_id, taxes.tax_name, taxes.tax_ratio
"""

MEMOS = f"""
    select distinct
        document.memo_id, document.memo_type, document.memo_reason, document.action_id,
        document.contract_id, document.tenant_id, document.is_internal, document.currency_code,
        min(document.period_start_at) over memo as period_start_at,
        max(document.segment_end_at) over memo as period_end_at,
        {PARTIES}
    from fct_memos as document
    {JOINED}
    where document.status = 'draft' and document.memo_id in (select unnest(?))
    window memo as (partition by document.memo_id)
    order by entities.issuing_entity_id, document.contract_id, document.memo_id
"""

MEMO_LINES = """
    select memos.*, packs.pack_name
    from fct_memos as memos
    left join dim_packs as packs on memos.pack_id = packs.pack_id
    where memos.status = 'draft' and memos.memo_id in (select unnest(?))
    order by memos.memo_id, memos.memo_line_number
"""

MEMO_TAXES = """
    select * from fct_memo_line_taxes
    where memo_id in (select unnest(?))
    order by memo_id, memo_line_number, tax_name, tax_ratio
"""


@dataclass(frozen=True)
class Issue:
    """What is the same for all documents that one command issues, and the last numbers given.

    `actions` is by subject: the invoice's id, or the memo's. `numbers` is by series.
    """

    at: datetime
    actions: Mapping[str, tuple[str, str]]
    numbers: dict[str, int]
    usd_per_unit: Mapping[str, Decimal]

    def number(self, series: str) -> tuple[str, int]:
        self.numbers[series] = self.numbers.get(series, 0) + 1
        return f"{series}-{self.numbers[series]:06d}", self.numbers[series]


def rows(
    connection: duckdb.DuckDBPyConnection, query: str, *parameters: object
) -> Iterator[dict[str, Any]]:
    """Stream the rows of a query, by column name."""
    result = connection.execute(query, parameters)
    names = [column[0] for column in result.description or ()]
    while batch := result.fetchmany(10_000):
        for row in batch:
            yield dict(zip(names, row, strict=True))


def lock_bodies(
    connection: duckdb.DuckDBPyConnection,
    billing_period_ids: Sequence[str],
    at: datetime,
    action: tuple[str, str],
) -> Iterator[dict[str, Any]]:
    """A body for each of the periods that is to be drafted and not locked, with its charges."""
    ids = list(billing_period_ids)
    charges = {
        key: [_charge(row) for row in group]
        for key, group in groupby(
            list(rows(connection, CHARGES, ids)), key=lambda row: row["billing_period_id"]
        )
    }
    for period in list(rows(connection, LOCKS, ids)):
        key, version = period["billing_period_id"], period["version"]
        yield {
            "lock_id": f"{key}:{version}",
            "billing_period_id": key,
            "contract_id": period["contract_id"],
            "tenant_id": period["tenant_id"],
            "version": version,
            "period_start_at": period["period_start_at"],
            "period_end_at": period["period_end_at"],
            "locked_at": at,
            "action_id": action[0],
            "policy_decision_id": action[1],
            "charges": charges.get(key, []),
        }


def invoice_bodies(
    connection: duckdb.DuckDBPyConnection,
    invoice_ids: Sequence[str],
    issue: Issue,
    lock_digests: Mapping[str, str],
) -> Iterator[dict[str, Any]]:
    """A body for each of the invoices that is drafted; `lock_digests` is by billing period."""
    ids = list(invoice_ids)
    taxes = _by(rows(connection, INVOICE_TAXES, ids), "invoice_line_id")
    periods = [draft["billing_period_id"] for draft in rows(connection, INVOICES, ids)]
    coupons = _by(rows(connection, COUPONS, periods), "billing_period_id")
    credits = _by(rows(connection, CREDITS, periods), "billing_period_id")
    found = rows(connection.cursor(), INVOICE_LINES, ids)
    lines = groupby(found, key=lambda row: row["invoice_id"])
    for draft in rows(connection, INVOICES, ids):
        invoice_id, group = next(lines)
        assert invoice_id == draft["invoice_id"]
        its_lines = [
            _line(draft, row, row["invoice_line_id"], taxes.get(row["invoice_line_id"], []))
            for row in group
        ]
        yield {
            **_document(draft, issue, its_lines, issue.actions[invoice_id]),
            "document_kind": "invoice",
            "document_id": f"{invoice_id}:{draft['version']}",
            "invoice_id": invoice_id,
            "version": draft["version"],
            "memo_reason": None,
            "billing_period_id": draft["billing_period_id"],
            "coupons": _amounts(
                draft, coupons.get(draft["billing_period_id"], []), "coupon_id", "description"
            ),
            "credits_applied": _amounts(
                draft, credits.get(draft["billing_period_id"], []), "grant_id"
            ),
            "lock_digest": draft["lock_digest"] or lock_digests[draft["billing_period_id"]],
        }


def memo_bodies(
    connection: duckdb.DuckDBPyConnection, memo_ids: Sequence[str], issue: Issue
) -> Iterator[dict[str, Any]]:
    """A body for each of the memos that is drafted."""
    ids = list(memo_ids)
    taxes = _by(rows(connection, MEMO_TAXES, ids), "memo_id", "memo_line_number")
    lines = _by(rows(connection, MEMO_LINES, ids), "memo_id")
    for draft in list(rows(connection, MEMOS, ids)):
        memo_id = draft["memo_id"]
        its_lines = [
            _line(
                draft,
                {
                    **row,
                    "line_number": row["memo_line_number"],
                    "amount": row["amount"] + row["coupon_amount"],
                    "quantity": None,
                    "unit_price": None,
                    "segment_start_at": row["period_start_at"],
                },
                f"{memo_id}:{row['memo_line_number']}",
                taxes.get((memo_id, row["memo_line_number"]), []),
            )
            | {
                "billing_period_id": row["billing_period_id"],
                "corrects_invoice_id": row["invoice_id"],
                "corrects_version": row["version"],
            }
            for row in lines[memo_id]
        ]
        yield {
            **_document(draft, issue, its_lines, issue.actions[memo_id]),
            "document_kind": draft["memo_type"],
            "document_id": memo_id,
            "invoice_id": None,
            "version": None,
            "memo_reason": draft["memo_reason"],
            "billing_period_id": None,
            "lock_digest": None,
        }


def _document(
    draft: Row, issue: Issue, lines: list[dict[str, Any]], action: tuple[str, str]
) -> dict[str, Any]:
    """What an invoice and a memo have in common."""
    decimals = draft["minor_unit"]
    series = "-".join(
        (
            draft["invoice_prefix"],
            *(("INT",) if draft["is_internal"] else ()),
            *(("M",) if "memo_id" in draft else ()),
        )
    )
    number, in_series = issue.number(series)
    rate = issue.usd_per_unit.get(draft["currency_code"])
    sums = {
        name: sum((Decimal(line[name]) for line in lines), ZERO)
        for name in ("amount", "coupon_amount", "tax_amount")
    }
    total = sums["amount"] - sums["coupon_amount"] + sums["tax_amount"]
    applied = draft.get("credits_applied_amount") or ZERO
    due_date: date = issue.at.date() + timedelta(days=draft["payment_terms_days"])
    return {
        "document_number": number,
        "number_series": series,
        "number_in_series": in_series,
        "action_id": action[0],
        "policy_decision_id": action[1],
        "tenant": {
            "tenant_id": draft["tenant_id"],
            "tenant_name": draft["tenant_name"],
            "country_code": draft["country_code"],
            "tax_region": draft["tax_region"],
            "customer_kind": draft["customer_kind"],
            "address": _address(draft["address_lines"]),
            "tax_number": draft["tax_number"],
            "locale": draft["locale"],
            "email": draft["email"],
        },
        "issuing_entity": {
            "issuing_entity_id": draft["issuing_entity_id"],
            "entity_name": draft["entity_name"],
            "country_code": draft["entity_country_code"],
            "address": _address(draft["entity_address_lines"]),
            "tax_number": draft["entity_tax_number"],
            "email": draft["entity_email"],
            "bank_name": draft["bank_name"],
            "iban": draft["iban"],
            "bic": draft["bic"],
            "account_number": draft["account_number"],
            "routing_number": draft["routing_number"],
        },
        "contract_id": draft["contract_id"],
        "is_internal": draft["is_internal"],
        "currency_code": draft["currency_code"],
        "minor_unit": decimals,
        "period_start_at": draft["period_start_at"],
        "period_end_at": draft["period_end_at"],
        "issued_at": issue.at,
        "due_date": due_date,
        "payment_terms_days": draft["payment_terms_days"],
        "lines": lines,
        "taxes": _taxes(lines, decimals),
        "coupons": [],
        "credits_applied": [],
        "subtotal_amount": plain(sums["amount"], decimals),
        "discount_amount": plain(sums["coupon_amount"], decimals),
        "tax_amount": plain(sums["tax_amount"], decimals),
        "total_amount": plain(total, decimals),
        "credits_applied_amount": plain(applied, decimals),
        "amount_due": plain(total - applied, decimals),
        "usd_per_unit": None if rate is None else plain(rate),
        "total_usd": None if rate is None else plain(total * rate),
    }


def _line(draft: Row, row: Row, line_id: str, taxes: Sequence[Row]) -> dict[str, Any]:
    decimals = draft["minor_unit"]
    coupon = row.get("coupon_amount") or ZERO
    return {
        "document_line_id": line_id,
        "coupon_amount": plain(coupon, decimals),
        "net_amount": plain(row["amount"] - coupon, decimals),
        "amount": plain(row["amount"], decimals),
        "tax_amount": plain(row["tax_amount"], decimals),
        "taxes": [
            {
                "tax_name": tax["tax_name"],
                "tax_ratio": plain(tax["tax_ratio"]),
                "tax_treatment": tax["tax_treatment"],
                "taxable_amount": plain(tax["taxable_amount"], decimals),
                "tax_amount": plain(tax["tax_amount"], decimals),
            }
            for tax in taxes
        ],
        "price_amount": plain(row["price_amount"], decimals),
        "reason": row.get("reason"),
        "pack_name": row["pack_name"],
        "line_number": row["line_number"],
        **{name: row[name] for name in DESCRIBED},
    }


DESCRIBED = (
    "line_type",
    "charge_key",
    "charge_id",
    "line_code",
    "plan_line_id",
    "pack_id",
    "description",
    "quantity",
    "unit_price",
    "exact_amount",
    "segment_start_at",
    "segment_end_at",
    "rated_usage_id",
    "receipt_id",
)
"""What a line says of its charge, in the words of fct_charges."""


def _charge(row: Row) -> dict[str, Any]:
    return {
        "amount": row["amount"],
        "reason": row["reason"],
        **{name: row[name] for name in DESCRIBED},
    }


def _amounts(draft: Row, parts: Sequence[Row], *names: str) -> list[dict[str, Any]]:
    return [
        {
            "amount": plain(part["amount"], draft["minor_unit"]),
            **{name: part[name] for name in names},
        }
        for part in parts
    ]


def _taxes(lines: Sequence[Mapping[str, Any]], decimals: int) -> list[dict[str, str]]:
    """The tax table: what each rate is on, and what it comes to."""
    sums: dict[tuple[str, str, str], tuple[Decimal, Decimal]] = {}
    for line in lines:
        for tax in line["taxes"]:
            key = tax["tax_name"], tax["tax_ratio"], tax["tax_treatment"] or "standard"
            taxable, amount = sums.get(key, (ZERO, ZERO))
            sums[key] = (
                taxable + Decimal(tax["taxable_amount"]),
                amount + Decimal(tax["tax_amount"]),
            )
    return [
        {
            "tax_name": name,
            "tax_ratio": ratio,
            "tax_treatment": treatment,
            "taxable_amount": plain(taxable, decimals),
            "tax_amount": plain(amount, decimals),
        }
        for (name, ratio, treatment), (taxable, amount) in sorted(sums.items())
    ]


def _address(lines: str | None) -> str | None:
    return lines.replace("|", "\n") if lines else None


def _by(found: Iterator[dict[str, Any]], *columns: str) -> dict[Any, list[dict[str, Any]]]:
    grouped: dict[Any, list[dict[str, Any]]] = {}
    for row in found:
        key = tuple(row[column] for column in columns)
        grouped.setdefault(key if len(columns) > 1 else key[0], []).append(row)
    return grouped

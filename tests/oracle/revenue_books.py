"""The models of the revenue chapter, run in memory on rows that stand for invoices and contracts.

dbt compiles the models once; each set of books runs their SQL on the tables that it is given.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
from dbt.cli.main import dbtRunner

from python_ext import revenue_tables
from python_ext.settings import from_environment

TERMS = "int_revenue__terms_scheduled"
MODELS = (
    "int_revenue__terms_agreed",
    "int_revenue__charges_priced",
    "int_revenue__policies_chosen",
    "fct_revenue_charges",
    "int_revenue__usage_delivered",
    "int_revenue__usage_shared",
    "int_revenue__bundles_weighed",
    "int_revenue__bundles_allocated",
    "int_revenue__credits_placed",
    "int_revenue__spans_beside",
    "fct_revenue_spans",
    "int_revenue__write_offs_shared",
    "int_revenue__prices_changed",
    "int_revenue__months_reached",
    "fct_revenue_schedules",
    "int_revenue__wallet_earned",
    "int_revenue__credits_earned",
    "int_revenue__months_computed",
    "fct_month_locks",
    "fct_revenue_locks",
    "fct_booked_rates",
    "int_revenue__months_booked",
    "fct_revenue_billings",
    "fct_revenue_lines",
    "fct_recognised_revenue",
    "int_revenue__positions_moved",
    "int_revenue__positions_accumulated",
    "fct_revenue_positions",
    "int_revenue__customers_moved",
    "fct_revenue_balances",
    "int_revenue__rates_ahead",
    "rpt_deferred_revenue_rollforward",
    "rpt_remaining_obligations",
)
"""In the order in which each reads those before it."""

EVER = {"effective_from_at": datetime(2000, 1, 1), "effective_to_at": datetime(9999, 12, 31)}
MONEY, DAY, AT, TEXT = "decimal(22, 4)", "date", "timestamp", "varchar"
TABLES: Mapping[str, Mapping[str, str]] = {
    "int_revenue__lines_netted": {
        **dict.fromkeys(
            (
                *("line_id", "charge_key", "invoice_id", "billing_period_id", "contract_id"),
                *("line_type", "line_code", "pack_id", "plan_line_id", "agreed_by_action_id"),
            ),
            TEXT,
        ),
        "is_waived": "boolean default false",
        "amount": MONEY,
        "tax_amount": f"{MONEY} default 0",
        "usd_per_unit": "decimal(18, 9)",
        **dict.fromkeys(("segment_start_at", "segment_end_at", "issued_at", "voided_at"), AT),
    },
    "fct_charges": {
        **dict.fromkeys(("charge_key", "charge_id"), TEXT),
        **dict.fromkeys(("segment_start_at", "segment_end_at"), AT),
    },
    "fct_billing_periods": {
        **dict.fromkeys(("billing_period_id", "contract_id", "covers", "proration"), TEXT),
        "time_zone": TEXT,
        **dict.fromkeys(("period_month", "period_end_date"), DAY),
        **dict.fromkeys(("full_end_at", "period_end_at"), AT),
    },
    "dim_plan_lines": dict.fromkeys(("plan_line_id", "line_kind"), TEXT),
    "stg_catalogue__revenue_policies": {
        **dict.fromkeys(
            (
                *("revenue_policy_id", "contract_id", "line_code", "fee_convention", "fee_term"),
                *("modification", "cancellation", "one_time_over", "shortfall", "credit_memo"),
            ),
            TEXT,
        ),
        "one_time_months": "integer",
        **dict.fromkeys(EVER, AT),
    },
    "dim_contracts": {
        **dict.fromkeys(("contract_id", "tenant_id", "currency_code"), TEXT),
        "is_internal": "boolean default false",
        "minor_unit": "integer default 2",
        **dict.fromkeys(("start_date", "agreed_end_date", "end_date"), DAY),
    },
    "fct_contract_fee_rates": {
        **dict.fromkeys(("fee_rate_id", "contract_id", "tenant_id", "line_code", "pack_id"), TEXT),
        "currency_code": TEXT,
        "is_internal": "boolean default false",
        "month_amount": "decimal(28, 9)",
        **dict.fromkeys(("from_date", "to_date"), DAY),
        "recorded_at": AT,
    },
    "fct_actions_allowed": {
        **dict.fromkeys(("action_id", "action", "subject_id", "payload"), TEXT),
        "acted_at": AT,
    },
    "stg_catalogue__standalone_prices": {
        **dict.fromkeys(("contract_id", "line_code", "group_code"), TEXT),
        **dict.fromkeys(("standalone_amount", "group_amount"), "decimal(16, 9)"),
        **dict.fromkeys(EVER, AT),
    },
    "fct_contract_fees": {"contract_line_id": TEXT, "full_period_amount": "decimal(28, 9)"},
    "fct_rated_usage": dict.fromkeys(
        ("rated_usage_id", "contract_line_id", "tenant_id", "meter_id", "group_value"), TEXT
    ),
    "fct_contract_lines": {
        **dict.fromkeys(("contract_line_id", "environments", "tiers_per"), TEXT),
        **dict.fromkeys(("segment_start_at", "segment_end_at"), AT),
    },
    "fct_meter_hours": {
        **dict.fromkeys(("tenant_id", "meter_id", "environment", "group_value"), TEXT),
        "hour_start_at": AT,
        "quantity": "decimal(38, 9)",
    },
    "fct_receivables": {"invoice_id": TEXT, "written_off_amount": MONEY},
    "dim_as_of": {"as_of_at": AT},
    "fct_wallet_movements": {
        **dict.fromkeys(("grant_id", "movement_type", "billing_period_id"), TEXT),
        "movement_number": "integer",
        "amount": MONEY,
        "moved_at": AT,
    },
    "fct_wallet_grants": {
        **dict.fromkeys(
            ("grant_id", "tenant_id", "contract_id", "currency_code", "grant_kind"), TEXT
        ),
        "amount": MONEY,
        "effective_at": AT,
    },
    "fct_periods_billed": {
        **dict.fromkeys(("billing_period_id", "invoice_id"), TEXT),
        **dict.fromkeys(("live_version", "drafted_version"), "integer"),
    },
    "stg_catalogue__credit_breakage": {
        **dict.fromkeys(("breakage_id", "contract_id"), TEXT),
        "breakage_ratio": "decimal(16, 9)",
        **dict.fromkeys(EVER, AT),
    },
    "dim_tenants": {"tenant_id": TEXT, "is_internal": "boolean default false"},
    "dim_currencies": {"currency_code": TEXT, "minor_unit": "integer"},
    "fct_exchange_rates": {
        "currency_code": TEXT,
        "rate_month": DAY,
        "usd_per_unit": "decimal(18, 9)",
    },
    "stg_landing__revenue_locks": {
        **dict.fromkeys(("lock_id", "action_id", "policy_decision_id", "landed_file"), TEXT),
        "revenue_month": DAY,
        **dict.fromkeys(("line_count", "line_number"), "integer"),
        **dict.fromkeys(("is_line", "is_digest_right"), "boolean"),
        **dict.fromkeys(("locked_at", "landed_at"), AT),
    },
    "stg_landing__cost_locks": {
        **dict.fromkeys(("lock_id", "action_id", "policy_decision_id", "landed_file"), TEXT),
        "cost_month": DAY,
        **dict.fromkeys(("pool_count", "line_number"), "integer"),
        **dict.fromkeys(("is_pool", "is_digest_right"), "boolean"),
        **dict.fromkeys(("locked_at", "landed_at"), AT),
    },
    "stg_landing__revenue_lock_lines": {
        **dict.fromkeys(
            (
                *("lock_id", "landed_file", "obligation_id", "balance_key", "contract_id"),
                *("tenant_id", "pack_id", "revenue_kind", "currency_code"),
            ),
            TEXT,
        ),
        **dict.fromkeys(("is_internal", "is_correction"), "boolean"),
        "amount": MONEY,
        "amount_usd": "decimal(38, 12)",
    },
    "stg_landing__revenue_lock_rates": {
        **dict.fromkeys(("lock_id", "landed_file", "currency_code"), TEXT),
        "revenue_month": DAY,
        "usd_per_unit": "decimal(18, 9)",
    },
    "fct_policy_effects": {
        **dict.fromkeys(("act_source", "action", "act_key"), TEXT),
        "is_in_force": "boolean",
    },
    "fct_receivable_events": {
        **dict.fromkeys(("contract_id", "tenant_id", "payment_id", "grant_kind"), TEXT),
        "currency_code": TEXT,
        **dict.fromkeys(
            tuple(f"{name}_delta_amount" for name in ("owed", "applied", "paid", "written_off")),
            MONEY,
        ),
        "event_at": AT,
    },
    "fct_payments": {
        **dict.fromkeys(("payment_id", "tenant_id", "currency_code"), TEXT),
        "unapplied_amount": MONEY,
        "received_at": AT,
    },
}
"""What the models read, by name: columns and their types."""

POLICY = {
    "revenue_policy_id": "default",
    "fee_convention": "daily",
    "fee_term": "service_period",
    "modification": "prospective",
    "cancellation": "recognise_rest",
    "one_time_over": "at_once",
    "shortfall": "at_end",
    "credit_memo": "by_share_earned",
    **EVER,
}
CONTRACT = "c"


def compiled() -> Mapping[str, str]:
    """Each model's SQL, for a database in memory."""
    with contextlib.chdir(from_environment({}).root):
        outcome = dbtRunner().invoke(
            ["--quiet", "compile", "--no-write-json", "--target", "memory", "--select", *MODELS]
        )
    assert outcome.success, outcome.exception
    results: Any = outcome.result
    found = {result.node.name: str(result.node.compiled_code) for result in results.results}
    return {name: found[name] for name in MODELS}


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


@dataclass
class Books:
    """One contract in one currency, and what is done with it."""

    starts: date
    ends: date
    policy: Mapping[str, Any] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.add(
            "dim_contracts",
            contract_id=CONTRACT,
            tenant_id="t",
            currency_code="USD",
            start_date=self.starts,
            agreed_end_date=self.ends,
            end_date=self.ends,
        )
        self.add("dim_tenants", tenant_id="t")
        self.add("dim_currencies", currency_code="USD", minor_unit=2)
        self.add("stg_catalogue__revenue_policies", **{**POLICY, **self.policy})

    def add(self, table: str, **row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def charge(
        self,
        key: str,
        amount: Decimal,
        starts: date,
        ends: date,
        issued: date | None,
        *,
        kind: str = "fee",
        full_end: date | None = None,
        **changes: Any,
    ) -> None:
        """A charge for a range of days, in a billing period of its own, and its invoice line.

        `kind` is one_time, or a type of line; `full_end` is the end of a period that was cut.
        """
        period = {
            "billing_period_id": key,
            "contract_id": CONTRACT,
            "covers": "fee",
            "proration": "none" if full_end else "by_day",
            "time_zone": "UTC",
            "period_month": starts.replace(day=1),
            "period_end_date": ends,
            "period_end_at": midnight(ends),
            "full_end_at": midnight(full_end or ends),
        }
        if not any(
            row["billing_period_id"] == key for row in self.rows.get("fct_billing_periods", [])
        ):
            self.add("fct_billing_periods", **period)
            self.add("dim_plan_lines", plan_line_id=key, line_kind=kind)
            self.add("fct_contract_fees", contract_line_id=key, full_period_amount=amount)
            self.add(
                "fct_charges",
                charge_key=key,
                charge_id=key,
                segment_start_at=midnight(starts),
                segment_end_at=midnight(ends),
            )
        self.line(key, amount, issued, kind=kind, starts=starts, ends=ends, **changes)

    def line(
        self,
        key: str,
        amount: Decimal,
        issued: date | None,
        *,
        kind: str = "fee",
        starts: date | None = None,
        ends: date | None = None,
        **changes: Any,
    ) -> None:
        """A line about a charge: of its invoice, or of a memo where an action agreed to it."""
        number = len(self.rows.get("int_revenue__lines_netted", []))
        row = {
            "line_id": f"line-{number}",
            "charge_key": key,
            "invoice_id": f"invoice-{key}",
            "billing_period_id": key,
            "contract_id": CONTRACT,
            "line_type": "fee" if kind == "one_time" else kind,
            "line_code": key,
            "pack_id": "core",
            "plan_line_id": key,
            "amount": amount,
            "usd_per_unit": Decimal(1),
            "segment_start_at": midnight(starts) if starts else None,
            "segment_end_at": midnight(ends) if ends else None,
            "issued_at": midnight(issued) if issued else None,
        }
        self.add("int_revenue__lines_netted", **{**row, **changes})

    def credit(self, key: str, amount: Decimal, issued: date, payload: str = "{}") -> None:
        """A memo that somebody agreed to; the amount is below zero for a credit."""
        action = f"action-{len(self.rows.get('fct_actions_allowed', []))}"
        self.add("fct_actions_allowed", action_id=action, payload=payload)
        of = next(row for row in self.rows["int_revenue__lines_netted"] if row["charge_key"] == key)
        changes = {"agreed_by_action_id": action, "line_code": of["line_code"]}
        self.line(key, amount, issued, **changes)

    def write_off(self, key: str, amount: Decimal, day: date) -> None:
        self.add("fct_receivables", invoice_id=f"invoice-{key}", written_off_amount=amount)
        self.add(
            "fct_actions_allowed",
            action_id=f"write-off-{key}",
            action="write_off",
            subject_id=f"invoice-{key}",
            payload="{}",
            acted_at=midnight(day),
        )

    def rate(self, amount: Decimal, starts: date, ends: date, known: date) -> None:
        """A fee a month, known from a day."""
        number = len(self.rows.get("fct_contract_fee_rates", []))
        self.add(
            "fct_contract_fee_rates",
            fee_rate_id=f"rate-{number}",
            contract_id=CONTRACT,
            tenant_id="t",
            line_code="base",
            pack_id="core",
            currency_code="USD",
            month_amount=amount,
            from_date=starts,
            to_date=ends,
            recorded_at=midnight(known),
        )


@dataclass(frozen=True)
class Result:
    """What the models make of books, by as-of."""

    connection: duckdb.DuckDBPyConnection

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        found = self.connection.execute(sql, values)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def one(self, sql: str) -> Any:
        ((found,),) = self.query(sql)
        return found

    def by_month(self, measure: str, table: str, month: str) -> dict[date, Decimal]:
        return dict(
            self.query(f"select {month}, sum({measure}) from {table} group by 1 order by 1")
        )


@contextlib.contextmanager
def run(models: Mapping[str, str], books: Books, as_of: date) -> Iterator[Result]:
    """The models' tables, as they stand when a day begins."""
    with contextlib.closing(duckdb.connect()) as connection:
        for name, columns in TABLES.items():
            described = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            connection.execute(f"create table {name} ({described})")
            rows = books.rows.get(name, [])
            if name == "dim_as_of":
                rows = [{"as_of_at": midnight(as_of)}]
            for row in rows:
                marks = ", ".join("?" * len(row))
                connection.execute(
                    f"insert into {name} ({', '.join(row)}) values ({marks})", list(row.values())
                )
        for name, sql in models.items():
            connection.execute(f"create table {name} as {sql}")
            if name == "int_revenue__terms_agreed":
                terms: pa.Table = connection.execute(f"select * from {name}").to_arrow_table()
                scheduled = revenue_tables.terms_scheduled(terms)
                connection.register("scheduled", scheduled)
                connection.execute(f"create table {TERMS} as select * from scheduled")
        yield Result(connection)

"""Faults of the catalogue: what a person gets wrong in a CSV file."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from tests.mutation import landed
from tests.mutation.faults import Fault, Workplace
from tests.mutation.landed import Row

DECISIONS = "saas_enterprise@1:decisions"
PRO, PRO_NEXT = "saas_pro@2", "saas_pro@3"


def rows(table: str, change: Callable[[Row], Row | None]) -> Callable[[Workplace], None]:
    """Change the rows of a table, or take some away."""
    return lambda place: landed.change_rows(place.catalogue / f"{table}.csv", change)


def where(change: Callable[[Row], Row | None], **cells: str) -> Callable[[Row], Row | None]:
    """Change the rows with these cells only."""

    def changed(row: Row) -> Row | None:
        return change(row) if all(row[name] == text for name, text in cells.items()) else row

    return changed


def gone(_: Row) -> None:
    """The row is taken away."""


def saying(**cells: str) -> Callable[[Row], Row]:
    """The row says something else."""
    return lambda row: row | cells


def number(column: str, change: Callable[[Decimal], Decimal]) -> Callable[[Row], Row]:
    """A number of the row is another one."""
    return lambda row: row | {column: f"{change(Decimal(row[column])):f}"}


def a_month_late(row: Row) -> Row | None:
    """Exchange rates end with January."""
    return None if row["rate_month"] >= "2026-02-01" else row


def two_tiers_swapped(row: Row) -> Row:
    """The first and the second tier have each other's price."""
    swapped = {"1": "0.012", "2": "0.016"}
    return row | {"unit_price": swapped.get(row["tier_number"], row["unit_price"])}


def a_price_is_doubled_as_a_new_version(place: Workplace) -> None:
    """A plan gets a version of its own from February on, in which decisions cost twice as much."""
    added: Mapping[str, Callable[[Row], Row]] = {
        "plan_versions": lambda row: {
            **row,
            "version": "3",
            "effective_from_date": "2026-02-01",
            "recorded_at": "2026-01-20T00:00:00Z",
        },
        "plan_lines": lambda row: row,
        "plan_line_tiers": lambda row: (
            number("unit_price", lambda price: price * 2)(row)
            if row["plan_line_id"] == f"{PRO_NEXT}:decisions"
            else row
        ),
    }
    for table, change in added.items():
        path = place.catalogue / f"{table}.csv"
        old = landed.read_rows(path)
        key = "plan_line_id" if table == "plan_line_tiers" else "plan_version_id"
        copied = [
            change({name: text.replace(PRO, PRO_NEXT) for name, text in row.items()})
            for row in old
            if row[key].split(":")[0] == PRO
        ]
        for row in copied:
            if "policy_decision_id" in row:
                row["policy_decision_id"] = "pd-catalogue-founding"
        if table == "plan_versions":
            closed = where(saying(effective_to_date="2026-02-01"), plan_version_id=PRO)
            old = [row for row in map(closed, old) if row is not None]
        landed.write_rows(path, [*old, *copied])


def a_line_is_gone(place: Workplace) -> None:
    """A plan has no price for calls of the interface any more."""
    for table in ("plan_lines", "plan_line_tiers"):
        rows(table, where(gone, plan_line_id="saas_enterprise@1:api"))(place)


def a_discount_above_all(place: Workplace) -> None:
    """A discount takes off more than there is."""
    path = place.catalogue / "discounts.csv"
    landed.write_rows(
        path,
        [
            {
                "discount_id": "dc-1",
                "contract_id": "ct-acme-robotics",
                "plan_version_id": "",
                "line_code": "",
                "pack_id": "",
                "discount_ratio": "1.2",
                "sequence": "1",
                "start_date": "2026-02-01",
                "end_date": "2026-12-01",
                "recorded_at": "2026-01-20T00:00:00Z",
                "policy_decision_id": "pd-catalogue-founding",
            }
        ],
    )


CATALOGUE_FAULTS = (
    Fault(
        "an exchange rate is ten times what it was",
        "catalogue",
        ("exchange_rate_jump",),
        rows(
            "exchange_rates",
            where(
                number("usd_per_unit", lambda rate: rate * 10),
                currency_code="EUR",
                rate_month="2026-02-01",
            ),
        ),
        start="after",
    ),
    Fault(
        "an exchange rate is turned upside down",
        "catalogue",
        ("exchange_rate_jump",),
        rows(
            "exchange_rates",
            where(
                number("usd_per_unit", lambda rate: round(1 / rate, 6)),
                currency_code="EUR",
                rate_month="2026-02-01",
            ),
        ),
        start="after",
    ),
    Fault(
        "nobody enters exchange rates any more",
        "catalogue",
        ("stale_exchange_rate", "missing_exchange_rate"),
        rows("exchange_rates", a_month_late),
        start="after",
    ),
    Fault(
        "a price is doubled in place",
        "catalogue",
        ("lock_mismatch", "price_jump"),
        rows(
            "plan_line_tiers",
            where(number("unit_price", lambda price: price * 2), plan_line_id=DECISIONS),
        ),
        start="after",
    ),
    Fault(
        "a price is doubled by a new version",
        "catalogue",
        ("price_jump",),
        a_price_is_doubled_as_a_new_version,
        start="after",
    ),
    Fault(
        "the prices of two tiers are swapped",
        "catalogue",
        ("lock_mismatch", "price_jump"),
        rows("plan_line_tiers", where(two_tiers_swapped, plan_line_id=DECISIONS)),
        start="after",
    ),
    Fault(
        "two tiers overlap",
        "catalogue",
        ("refused",),
        rows(
            "plan_line_tiers",
            where(saying(up_to_quantity="400"), plan_line_id=DECISIONS, tier_number="2"),
        ),
        start="after",
    ),
    Fault(
        "a line of a plan is gone, with its prices",
        "catalogue",
        ("unpriced_usage", "lock_mismatch"),
        a_line_is_gone,
        start="after",
    ),
    Fault(
        "a tax rate is gone",
        "catalogue",
        ("missing_tax_rate",),
        rows("tax_rates", where(gone, tax_region="US-NY")),
        start="after",
    ),
    Fault(
        "a tax rate is ten times what it was",
        "catalogue",
        ("price_jump", "lock_mismatch", "tax"),
        rows("tax_rates", where(saying(tax_ratio="0.8875"), tax_region="US-NY")),
        start="after",
        survives_because=(
            "a rate is what the catalogue says, "
            "whose changes are reviewed; invoices that were issued stand"
        ),
    ),
    Fault(
        "a discount takes off more than all",
        "catalogue",
        ("refused",),
        a_discount_above_all,
        start="after",
    ),
    Fault(
        "a rule that maps cost is gone",
        "catalogue",
        ("orphaned_cost",),
        rows("cost_mapping_rules", where(gone, rule_id="shared-workflow-engine")),
        start="after",
    ),
    Fault(
        "shares of a rule add up to more than one",
        "catalogue",
        ("refused",),
        rows(
            "allocation_shares",
            where(
                saying(share_ratio="0.7"), allocation_rule_id="by-support-load", share_number="1"
            ),
        ),
        start="after",
    ),
    Fault(
        "a contract ends too early",
        "catalogue",
        ("unpriced_usage", "churn"),
        rows("contracts", where(saying(end_date="2026-02-01"), contract_id="ct-acme-robotics")),
        start="after",
    ),
    Fault(
        "a tier promises no service level any more",
        "catalogue",
        ("sla",),
        rows("tiers", where(saying(sla_uptime_ratio=""), tier_id="enterprise")),
        start="after",
        survives_because="a tier may promise none, so nothing else says that this one did",
    ),
    Fault(
        "a contract names a plan that is not there",
        "catalogue",
        ("refused",),
        rows("contracts", where(saying(plan_id="saas_enterprse"), contract_id="ct-acme-robotics")),
        start="after",
    ),
    Fault(
        "an account is missing in the chart",
        "catalogue",
        ("refused",),
        rows("chart_of_accounts", where(gone, account_id="revenue-usage")),
        start="after",
    ),
    Fault(
        "a meter counts where it should sum",
        "catalogue",
        ("lock_mismatch",),
        rows(
            "meters",
            where(
                saying(aggregation="count", value_field="event"), meter_id="meter:policy_decisions"
            ),
        ),
        start="after",
    ),
    Fault(
        "a meter looks for another type of event",
        "catalogue",
        ("lock_mismatch",),
        rows(
            "meters",
            where(saying(event_type="policy_decisions"), meter_id="meter:policy_decisions"),
        ),
        start="after",
    ),
    Fault(
        "a meter does not bill any more",
        "catalogue",
        ("lock_mismatch",),
        rows("meters", where(saying(is_billable="false"), meter_id="platform.api_calls")),
        start="after",
    ),
    Fault(
        "a tenant is taken away",
        "catalogue",
        ("refused",),
        rows("tenants", where(gone, tenant_id="kestrel-media")),
        start="after",
    ),
    Fault(
        "a tenant is called internal",
        "catalogue",
        ("lock_mismatch", "refused"),
        rows("tenants", where(saying(is_internal="true"), tenant_id="acme-robotics")),
        start="after",
    ),
    Fault(
        "a decision for a contract is gone",
        "catalogue",
        ("refused", "decision_missing"),
        rows("policy_decisions", where(gone, policy_decision_id="pd-ct-acme-robotics")),
        start="after",
    ),
    Fault(
        "a pack is taken off a contract",
        "catalogue",
        ("unpriced_usage", "lock_mismatch"),
        rows(
            "contract_packs",
            where(gone, contract_id="ct-acme-robotics", pack_id="high_risk_ops"),
        ),
        start="after",
    ),
    Fault(
        "a target for a unit cost is gone",
        "catalogue",
        ("unit_cost",),
        rows("unit_cost_targets", where(gone, meter_id="high_risk_ops.executions")),
        start="after",
        survives_because="a target is optional, so nothing else says that there was one",
    ),
)

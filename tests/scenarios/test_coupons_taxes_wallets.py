"""What stands between a price and what is due, from landed actions and the catalogue to drafts."""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from python_ext import catalogue
from python_ext.runner import Scope
from tests.conformance.names import RECORDED
from tests.conformance.stage import write_rows
from tests.scenarios.conftest import Warehouse, event
from tests.scenarios.test_policy import FIRST, SECOND, action, decision

DRAFTS = Scope(
    select=("+fct_invoices", "+fct_invoice_taxes", "+exc_unusable_credits"), is_checked=False
)
CONTRACT = "ct-acme-robotics"
CREDIT = {
    "currency_code": "USD",
    "kind": "purchased",
    "line_types": ["fee", "usage"],
    "effective_at": "2026-04-01T00:00:00Z",  # else the oldest draft, of 2025, would draw first
}


def seeds_with(warehouse: Warehouse, folder: Path, rows: dict[str, dict[str, Any]]) -> Path:
    """The default catalogue with one more row of each file, about Acme's contract."""
    folder.mkdir()
    root = warehouse.settings.root
    added = {
        name: [(name, {"contract_id": CONTRACT, **RECORDED, **row})] for name, row in rows.items()
    }
    write_rows(added, folder, root / "seeds" / "catalogue")
    return catalogue.lay_over(root / "seeds", folder, root / ".catalogue")


def draft(warehouse: Warehouse) -> dict[str, Decimal]:
    """The amounts of Acme's draft of March 2026."""
    names = ["subtotal", "discount", "tax", "total", "credits_applied"]
    (row,) = warehouse.query(
        f"select {', '.join(f'{name}_amount' for name in names)}, amount_due from fct_invoices"
        f" where contract_id = '{CONTRACT}' and period_start_at = '2026-03-01'"
    )
    return dict(zip([*names, "due"], row, strict=True))


def test_a_coupon_comes_before_tax_and_a_credit_that_is_allowed_after_or_before_it(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """In New York 8.875 % of what coupons, and credits before tax, leave."""
    half = {
        "coupon_id": "half",
        "scope": "all",
        "coupon_ratio": "0.5",
        "start_date": "2026-03-31",
        "end_date": "2026-04-01",
    }
    warehouse.land(f"{FIRST}/events.ndjson", event("e1", quantity=700))
    seeds = seeds_with(warehouse, tmp_path / "after", {"coupons": half})
    warehouse.build(seeds, DRAFTS)
    found = draft(warehouse)
    cent, rate = Decimal("0.01"), Decimal("0.08875")
    assert found["discount"] == (found["subtotal"] / 2).quantize(cent, ROUND_HALF_UP)
    net = found["subtotal"] - found["discount"]
    assert found["tax"] == (net * rate).quantize(cent, ROUND_HALF_UP)
    assert found["due"] == found["total"] == net + found["tax"]

    # One credit is allowed, one is not, and one is of a currency that the contract has not.
    warehouse.land(
        f"{SECOND}/decisions.ndjson",
        decision("d1"),
        decision("d3", subject_type="contract", subject_id=CONTRACT),
        folder="policy_decisions",
    )
    warehouse.land(
        f"{SECOND}/actions.ndjson",
        action("a1", payload={"amount": "100.50", **CREDIT}),
        action("a2", payload={"amount": 7, **CREDIT}),
        action(
            "a3",
            subject_type="contract",
            subject_id=CONTRACT,
            payload={"amount": 5, "currency_code": "EUR"},
        ),
        folder="actions",
    )
    warehouse.build(seeds, DRAFTS)
    after = draft(warehouse)
    assert after == found | {
        "credits_applied": Decimal("100.5"),
        "due": found["total"] - Decimal("100.5"),
    }
    assert warehouse.query(
        "select grant_id, movement_type, amount, balance_amount, accounted_as"
        " from fct_wallet_movements order by movement_number"
    ) == [
        ("a1", "grant", Decimal("100.5"), Decimal("100.5"), "liability"),
        ("a1", "draw", Decimal("-100.5"), Decimal(0), "liability"),
    ]
    assert warehouse.query("select grant_id, reason from exc_unusable_credits") == [
        ("a3", "currency_of_contract")
    ]

    terms = {"wallet_timing": "before_tax"}
    seeds = seeds_with(warehouse, tmp_path / "before", {"coupons": half, "tax_terms": terms})
    warehouse.build(seeds, DRAFTS)
    before = draft(warehouse)
    assert before["tax"] == ((net - Decimal("100.5")) * rate).quantize(cent, ROUND_HALF_UP)
    assert before["total"] == net + before["tax"]
    assert before["due"] == before["total"] - Decimal("100.5")
    taxable = warehouse.query(
        "select taxable_amount, tax_amount from fct_invoice_taxes inner join fct_invoices"
        " using (invoice_id, version, tax_amount)"
        f" where contract_id = '{CONTRACT}' and period_start_at = '2026-03-01'"
    )
    assert taxable == [(net - Decimal("100.5"), before["tax"])]

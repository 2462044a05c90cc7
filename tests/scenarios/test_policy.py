"""Nothing changes money unless a decision in force allows it, in whatever order things land."""

import csv
import json
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

from python_ext import audit, catalogue
from python_ext.publish import publish
from python_ext.runner import Scope
from tests.scenarios.conftest import BILLED, Warehouse, event

FIRST, SECOND = "landed=20260305T100000Z", "landed=20260306T100000Z"
MONEY = Scope(select=("+fct_invoice_lines", "+rpt_audit_feed", "+exc_actions_without_decision"))
ACTS = Scope(
    select=(*BILLED.select, "+path:models/16_governance", "+exc_refused_policy_lines")
)  # what acts are about, what allows them, and their receipts
PLAN, NEW = "saas_enterprise@1", "saas_enterprise@2"


def decision(name: str, **changes: Any) -> dict[str, Any]:
    """The CFO allows one credit for Acme, changed as said."""
    return {
        "id": name,
        "at": "2026-03-04T09:00:00Z",
        "actor_id": "cfo@summit",
        "rule_id": "credit.grant",
        "effect": "allow",
        "subject_type": "tenant",
        "subject_id": "acme-robotics",
        "scope": "one_act",
        **changes,
    }


def action(name: str, **changes: Any) -> dict[str, Any]:
    """Billing grants Acme a credit of 100 USD by the decision of the same number, as said."""
    return {
        "id": name,
        "at": "2026-03-04T12:00:00Z",
        "actor_id": "billing-ops@summit",
        "action": "grant_credit",
        "subject_type": "tenant",
        "subject_id": "acme-robotics",
        "payload": {"amount": 100, "currency_code": "USD"},
        "policy_decision_id": name.replace("a", "d", 1),
        **changes,
    }


def credit(amount: str, currency: str = "USD") -> dict[str, str]:
    return {"amount": amount, "currency_code": currency}


def new_price(warehouse: Warehouse, folder: Path) -> Path:
    """A catalogue whose Enterprise plan costs twice as much from March, by decision pd-new."""
    folder.mkdir()
    for name in ("plan_versions", "plan_lines", "plan_line_tiers"):
        with (warehouse.settings.root / "seeds" / "catalogue" / f"{name}.csv").open() as stream:
            rows = list(csv.DictReader(stream))
        added = []
        for row in rows:
            if PLAN not in (row["plan_line_id"] if "plan_line_id" in row else row.values()):
                continue
            copy = {key: value.replace(PLAN, NEW) for key, value in row.items()}
            if name == "plan_versions":
                row["effective_to_date"] = copy["effective_from_date"] = "2026-03-01"
                copy |= {"version": "2", "recorded_at": "2026-02-20T00:00:00Z"}
                copy["policy_decision_id"] = "pd-new"
            if name == "plan_line_tiers":
                copy["unit_price"] = str(2 * Decimal(row["unit_price"]))
            added.append(copy)
        with (folder / f"{name}.csv").open("w", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows + added)
    root = warehouse.settings.root
    return catalogue.lay_over(root / "seeds", folder, root / ".catalogue")


def price(warehouse: Warehouse) -> tuple[Any, ...]:
    """What Acme pays in March for 200 decisions above the free 500, and by which plan version."""
    (row,) = warehouse.query(
        "select line.amount, rated.plan_version_id from fct_invoice_lines as line"
        " inner join fct_rated_usage as rated using (rated_usage_id)"
        " where rated.tenant_id = 'acme-robotics' and line.description = 'Policy decisions'"
        " and rated.period_month = '2026-03-01'"
    )
    return row


def without_decision(warehouse: Warehouse) -> dict[str, str]:
    return dict(warehouse.query("select act_id, reason from exc_actions_without_decision"))


def test_a_price_is_used_when_it_is_allowed_and_not_before(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """200 at 0.016 are 3.20; at the new price they are 6.40."""
    warehouse.land(f"{FIRST}/events.ndjson", event("e1", quantity=700))
    seeds = new_price(warehouse, tmp_path / "catalogue")
    warehouse.build(seeds, MONEY)
    assert price(warehouse) == (Decimal("3.20"), PLAN)
    assert without_decision(warehouse) == {f"plan_versions:{NEW}": "no_decision"}
    assert warehouse.query(
        "select plan_version_id, year(effective_to_at) from dim_plan_versions"
        " where plan_id = 'saas_enterprise'"
    ) == [(PLAN, 9999)]

    change: dict[str, Any] = {
        "rule_id": "pricing.change",
        "subject_type": "price_plan",
        "subject_id": NEW,
        "scope": "standing",
    }
    allowed, denied = decision("pd-new", **change), decision("pd-stop", **change, effect="deny")
    warehouse.land(f"{SECOND}/allow.ndjson", allowed, folder="policy_decisions")
    warehouse.build(seeds, BILLED)
    assert price(warehouse) == (Decimal("6.40"), NEW)
    assert without_decision(warehouse) == {}

    # A denial by who may deny it, valid when the price was recorded, wins over the allowance.
    early = {"valid_from": "2026-02-01T00:00:00Z"}
    unfit = denied | early | {"id": "pd-unfit", "actor_id": "billing-ops@summit"}
    for name, line, expected in (
        ("unfit", unfit, (Decimal("6.40"), NEW)),
        ("later", denied | {"id": "pd-later"}, (Decimal("6.40"), NEW)),
        ("deny", denied | early, (Decimal("3.20"), PLAN)),
    ):
        warehouse.land(f"{SECOND}/{name}.ndjson", line, folder="policy_decisions")
        warehouse.build(seeds, MONEY)
        assert price(warehouse) == expected, name
    assert without_decision(warehouse) == {f"plan_versions:{NEW}": "denied"}


def test_a_contract_that_is_denied_bills_nothing_and_its_usage_is_listed(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    warehouse.land(f"{FIRST}/events.ndjson", event("e1", quantity=700))
    text = (warehouse.settings.root / "seeds/catalogue/policy_decisions.csv").read_text()
    overlay = tmp_path / "catalogue"
    overlay.mkdir()
    allow, deny = (f"contract.approve,{effect},contract,ct-acme" for effect in ("allow", "deny"))
    assert allow in text
    (overlay / "policy_decisions.csv").write_text(text.replace(allow, deny))
    root = warehouse.settings.root
    warehouse.build(catalogue.lay_over(root / "seeds", overlay, root / ".catalogue"), BILLED)
    assert without_decision(warehouse) == {"contracts:ct-acme-robotics": "denied"}
    assert warehouse.query("select * from fct_invoices where tenant_id = 'acme-robotics'") == []
    unpriced = "select sum(quantity) from exc_unpriced_usage where tenant_id = 'acme-robotics'"
    assert warehouse.query(unpriced) == [(700,)]


def agreements(warehouse: Warehouse, folder: Path) -> Path:
    """A catalogue where Acme has half off and more, under decisions that have yet to land.

    A commitment of more than 5,000 USD has to be agreed by two people.
    """
    folder.mkdir()
    term, recorded = "2026-01-01,9999-12-31", "2025-12-01T00:00:00Z"
    added = {
        "discounts": f"half,ct-acme-robotics,,decisions,,0.5,1,{term},{recorded},pd-half\n"
        f"plan,,{PLAN},decisions,,0.1,2,{term},{recorded},pd-plan\n",
        "commitments": f"much,ct-acme-robotics,,USD,9999,month,,,{term},{recorded},pd-much\n",
        "contract_overrides": "ct-acme-robotics,decisions,saas_pro@2:decisions,"
        f"{term},{recorded},\n",
        "contract_plan_changes": "ct-acme-robotics,saas_pro,2026-03-20,immediate_prorated,"
        f"{recorded},pd-half\n",
        "interim_closes": f"ct-acme-robotics,2026-02-10,{recorded},pd-close\n",
        "policy_rules": "commitment.agree,amend_contract,finance_lead|revenue_lead,,5000,,"
        f"2024-01-01,9999-12-31,{recorded}\n",
    }
    root = warehouse.settings.root
    for name, rows in added.items():
        text = (root / "seeds" / "catalogue" / f"{name}.csv").read_text()
        (folder / f"{name}.csv").write_text(text + rows)
    return catalogue.lay_over(root / "seeds", folder, root / ".catalogue")


def cut_on(warehouse: Warehouse) -> list[int]:
    """The days at which a part of Acme's February begins."""
    rows = warehouse.query(
        "select day(segment_start_at) from fct_contract_segments"
        " where tenant_id = 'acme-robotics' and period_month = '2026-02-01' order by 1"
    )
    return [day for (day,) in rows]


def test_discounts_commitments_overrides_and_closes_wait_for_their_decision(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """Half off 3.20 is 1.60, and a tenth off that 1.44, each once it is allowed.

    A discount above a quarter needs two people, and so does a commitment of 9,999 USD where the
    limit is 5,000.
    """
    warehouse.land(f"{FIRST}/events.ndjson", event("e1", quantity=700))
    seeds = agreements(warehouse, tmp_path / "catalogue")
    warehouse.build(seeds, BILLED)
    ct = "ct-acme-robotics"
    never = {
        f"contract_overrides:{ct}:decisions:2026-01-01": "no_decision",
        f"contract_plan_changes:{ct}:saas_pro:2026-03-20": "no_decision",
    }
    waiting = {"discounts:half", "discounts:plan", "commitments:much"}
    waiting.add(f"interim_closes:{ct}:close:2026-02-10")
    assert without_decision(warehouse) == never | dict.fromkeys(waiting, "no_decision")
    assert price(warehouse) == (Decimal("3.20"), PLAN)
    assert cut_on(warehouse) == [1]
    true_ups = "select count(*) from fct_commitment_true_ups where commitment_id = 'much'"
    assert warehouse.query(true_ups) == [(0,)]

    contract = {"subject_type": "contract", "subject_id": ct}
    half = decision("pd-half", rule_id="discount.apply", scope="standing", **contract)
    much = decision("pd-much", rule_id="commitment.agree", **contract)
    close = decision("pd-close", rule_id="contract.approve", **contract)
    plan = half | {"id": "pd-plan", "subject_type": "price_plan", "subject_id": "saas_enterprise"}
    warehouse.land(f"{SECOND}/one.ndjson", half, much, close, plan, folder="policy_decisions")
    warehouse.build(seeds, MONEY)
    # The decision about discounts is about the contract, and still none about its plan.
    never[f"contract_plan_changes:{ct}:saas_pro:2026-03-20"] = "actor_not_permitted"
    assert without_decision(warehouse) == never | {
        "discounts:half": "second_approver_missing",
        "commitments:much": "second_approver_missing",
    }
    assert price(warehouse) == (Decimal("2.88"), PLAN)
    assert cut_on(warehouse) == [1, 10]
    assert warehouse.query(true_ups) == [(0,)]

    seconds = [
        line | {"id": f"{line['id']}-too", "actor_id": "cro@summit"} for line in (half, much)
    ]
    warehouse.land(f"{SECOND}/two.ndjson", *seconds, folder="policy_decisions")
    warehouse.build(seeds, MONEY)
    assert without_decision(warehouse) == never
    assert price(warehouse) == (Decimal("1.44"), PLAN)
    assert warehouse.query(true_ups) != [(0,)]


def land_acts(warehouse: Warehouse, *batches: str) -> None:
    """Decisions and actions of two days; the copies and conflicts are of the second."""
    standing: dict[str, Any] = {"scope": "standing", "subject_id": "*"}
    days: dict[str, dict[str, list[dict[str, Any] | str]]] = {
        FIRST: {
            "policy_decisions": [
                decision("d1"),
                decision("d2", effect="deny"),
                decision("d3", valid_to="2026-03-04T12:00:00Z"),
                decision("d4", subject_id="borealis-bank"),
                decision("d5", actor_id="billing-ops@summit"),
                decision("d-standing", **standing),
                '{"id": "d9", "at"',
                decision("d-odd", effect="maybe", scope="for ever"),
            ],
            "actions": [
                *(action(f"a{number}") for number in range(1, 6)),
                action("a6", policy_decision_id=None),
                action("a7", policy_decision_id="d-standing", payload=credit("5000")),
                action("a8", policy_decision_id="d-standing", payload=credit("5000.000000001")),
                action("a9", policy_decision_id="d-standing", payload=credit("4700", "EUR")),
                action("a10", policy_decision_id="d-standing", payload=credit("9000")),
                action("ok8", action="approve", subject_type="action", subject_id="a8",
                       actor_id="controller@summit", payload={}),
                action("ok9", action="approve", subject_type="action", subject_id="a9",
                       actor_id="cfo@summit", payload={}),
                action("ok10", action="approve", subject_type="action", subject_id="a10",
                       actor_id="billing-ops@summit", payload={}),
                action("a-odd", action="give_away"),
                "[]",
            ],
        },
        SECOND: {
            "policy_decisions": [decision("d1"), decision("d2")],
            "actions": [
                action("a1"),
                action("a1", payload=credit("99")),
                action("a11", at="2026-03-05T12:00:00Z", policy_decision_id="d1"),
                action("a12", at="2026-03-05T12:00:00Z", policy_decision_id="d-standing",
                       action="write_off"),
            ],
        },
    }  # fmt: skip
    for batch in batches:
        for folder, lines in days[batch].items():
            warehouse.land(f"{batch}/lines.ndjson", *lines, folder=folder)


def test_acts_without_a_decision_in_force_are_listed_with_the_reason(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """4,700 EUR are 5,489.60 USD in March; the limit of the rule for credits is 5,000 USD."""
    warehouse.land(f"{FIRST}/events.ndjson", event("e1"))
    land_acts(warehouse, FIRST, SECOND)
    warehouse.build(scope=ACTS)
    assert without_decision(warehouse) == {
        "actions:a2": "denied",
        "actions:a3": "expired",
        "actions:a4": "wrong_subject",
        "actions:a5": "actor_not_permitted",
        "actions:a6": "no_decision",
        "actions:a9": "second_approver_missing",
        "actions:a10": "second_approver_missing",
        "actions:a11": "used_up",
        "actions:a12": "actor_not_permitted",
    }
    assert warehouse.query(
        "select landed_file, line_number, reasons, raw_line is not null"
        " from exc_refused_policy_lines order by all"
    ) == [
        (f"actions/{FIRST}/lines.ndjson", 14, "unknown_action", True),
        (f"actions/{FIRST}/lines.ndjson", 15, "malformed_json", True),
        (f"actions/{SECOND}/lines.ndjson", 2, "conflicting_duplicate", True),
        (f"policy_decisions/{FIRST}/lines.ndjson", 7, "malformed_json", True),
        (f"policy_decisions/{FIRST}/lines.ndjson", 8, "bad_effect,bad_scope", True),
        (f"policy_decisions/{SECOND}/lines.ndjson", 2, "conflicting_duplicate", True),
    ]
    assert warehouse.query(
        "select landed_file, line_number from fct_policy_lines"
        " where outcome = 'duplicate' order by 1"
    ) == [
        (f"actions/{SECOND}/lines.ndjson", 1),
        (f"policy_decisions/{SECOND}/lines.ndjson", 1),
    ]

    published = publish(warehouse.settings.database, warehouse.settings.published)
    written = StringIO()
    assert audit.write(published, written) == len(written.getvalue().splitlines()) == 12 + 5 + 12
    feed = {row["act_id"]: row for row in map(json.loads, written.getvalue().splitlines())}
    approved = feed["actions:a8"]
    assert (approved["actor_id"], approved["decision_actor_id"], approved["approver_actor_id"]) == (
        "billing-ops@summit",
        "cfo@summit",
        "controller@summit",
    )
    assert (approved["act_amount"], approved["acted_at"]) == (
        "5000.000000001",
        "2026-03-04T12:00:00Z",
    )
    receipts = warehouse.query("select subject_id, receipt_id from fct_receipts")
    assert dict(receipts)["actions:a8"] == approved["receipt_id"]
    assert feed["actions:a9"]["act_usd"] == "5489.6"
    assert {act for act, row in feed.items() if not row["receipt_id"]} == set(
        without_decision(warehouse)
    )

    # What landed later was built first: the same rows.
    other = Warehouse(tmp_path / "other")
    land_acts(other, SECOND)
    other.build(scope=Scope(select=("+rpt_audit_feed",), is_checked=False))
    land_acts(other, FIRST)
    other.land(f"{FIRST}/events.ndjson", event("e1"))
    other.build(scope=ACTS)
    assert other.digests() == warehouse.digests()

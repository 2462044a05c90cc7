"""Credits on issued invoices: what a case asks for once its invoice is out, one after the other."""

import json
from collections.abc import Mapping
from pathlib import Path

from python_ext import billing
from python_ext.billing import Authority, Books, Credit
from tests.conformance.names import tenant_of
from tests.conformance.scene import Scene

AUTHORITY = Authority("cfo@summit", "conformance")
RULES = (("invoice.issue", "invoice"), ("memo.issue", "invoice"))
DRAFTED = """
    select tenant_id, invoice_id from fct_invoices
    where status = 'draft' and tenant_id in (select unnest(?))
"""


def reason_of(number: int) -> str:
    """By which a case's credits are told apart, from 1."""
    return f"credit {number}"


def allow(landing: Path) -> None:
    """Land the decisions under which invoices and memos are issued."""
    path = landing / "policy_decisions" / "decisions.ndjson"
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8") as stream:
        for rule_id, subject_type in RULES:
            decision = {
                "id": f"{AUTHORITY.policy_decision_id}-{rule_id}",
                "at": "2024-12-01T00:00:00Z",
                "actor_id": AUTHORITY.actor_id,
                "rule_id": rule_id,
                "effect": "allow",
                "subject_type": subject_type,
                "subject_id": "*",
                "scope": "standing",
            }
            stream.write(json.dumps(decision) + "\n")


def give(scenes: Mapping[str, Scene], books: Books) -> None:
    """Issue the invoices of scenes that have credits, and credit them, all scenes at a time.

    A credit of nothing is none. `books` have been built.
    """
    credited = {tenant_of(name): scene.credits for name, scene in scenes.items() if scene.credits}
    if not credited:
        return
    with books.reading() as connection:
        invoices = dict(connection.execute(DRAFTED, [list(credited)]).fetchall())
    billing.issue(books, list(invoices.values()), _by("invoice.issue"))
    books = Books(books.settings, books.seeds, books.console)  # built before each command
    for place in range(max(map(len, credited.values()))):
        wanted = {
            invoices[tenant]: Credit(amounts[place], reason_of(place + 1))
            for tenant, amounts in credited.items()
            if len(amounts) > place and amounts[place]
        }
        if wanted:
            billing.credit(books, wanted, _by("memo.issue"))


def _by(rule_id: str) -> Authority:
    return Authority(AUTHORITY.actor_id, f"{AUTHORITY.policy_decision_id}-{rule_id}")

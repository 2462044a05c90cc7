"""The rule for the chart of accounts: each posting of the journal has one account that takes it."""

from collections.abc import Iterator

from python_ext.catalogue_rows import Catalogue, Finding, Rule

CHART = "chart_of_accounts.csv"

ROLES = {
    "cash": "asset",
    "accounts_receivable": "asset",
    "unbilled_receivable": "asset",
    "prepaid_commitment": "asset",
    "accrued_cost": "liability",
    "deferred_revenue": "liability",
    "refund_liability": "liability",
    "customer_credit": "liability",
    "unapplied_cash": "liability",
    "tax_payable": "liability",
    "revenue_subscription": "revenue",
    "revenue_usage": "revenue",
    "revenue_one_time": "revenue",
    "revenue_commitment": "revenue",
    "revenue_adjustment": "revenue",
    "revenue_breakage": "revenue",
    "contra_sla_credit": "contra_revenue",
    "contra_credit_memo": "contra_revenue",
    "contra_granted_credit": "contra_revenue",
    "cogs_compute": "expense",
    "cogs_storage": "expense",
    "cogs_database": "expense",
    "cogs_network": "expense",
    "cogs_third_party": "expense",
    "cogs_support": "expense",
    "cogs_other": "expense",
    "idle_cost": "expense",
    "unallocated_cost": "expense",
    "bad_debt": "expense",
    "exchange_gain_loss": "expense",
}
"""Posting role -> the type of its account. Besides, each category of operating cost has a role."""


def roles(catalogue: Catalogue) -> dict[str, str]:
    """Every posting role that the journal knows -> the type of its account."""
    return ROLES | {
        f"operating_{row['cost_category']}": "expense"
        for row in catalogue["cost_categories"]
        if row["is_cogs"] == "false"
    }


def _accounts(catalogue: Catalogue) -> Iterator[Finding]:
    """A posting without an account would be lost; an account without a posting is a mistake."""
    known = roles(catalogue)
    missing = dict(known)
    for row in catalogue["chart_of_accounts"]:
        role, account_type = row["posting_role"], row["account_type"]
        if role not in known:
            broken = f"the journal has no posting_role {role}"
            yield Finding(CHART, row.number, broken, "choose one that it has, or take the row away")
        elif account_type != missing.get(role, account_type):
            broken = f"an account with posting_role {role} is of account_type {missing[role]}"
            yield Finding(CHART, row.number, f"{broken}, found {account_type}", "correct it")
        missing.pop(role, None)
    # Without any account nothing is posted, as in a catalogue without any contract.
    for role in missing if catalogue["chart_of_accounts"] else ():
        yield Finding(CHART, 1, f"no account has posting_role {role}", "add one")


LEDGER_RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("chart_of_accounts", "cost_categories"), _accounts),
)
"""The files that the rule reads, and the rule."""

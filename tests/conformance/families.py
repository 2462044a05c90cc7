"""Families of cases that are known and not answered, and why."""

SPLIT_AGAIN = (
    "what one tenant bears of a shared cost is its own: only a fixed ratio of a cost is handed on"
    " to others"
)
UNIT_PRICES = (
    "cost is split among those who share it; what a unit of a resource is worth of its node is for"
    " the catalogue to state, and no price is worked out for it"
)
NOT_ANSWERED = {
    "10pct_threshold": (
        "what is billable of cloud services is for the provider to work out, and stands in its"
        " statement"
    ),
    "currency_then_allocate": (
        "cost is split in the currency of its statement at twelve decimals, and what each bears is"
        " converted as it is, so no cent is left over in another currency"
    ),
    "filter+share (order-dependence defect)": (
        "a regression trap of the source, whose asserted total is wrong: a filter reads what was"
        f" allocated before, and changes no share; and {SPLIT_AGAIN}"
    ),
    "idle_weighted_then_share_weighted": SPLIT_AGAIN,
    "normalise_component_prices": UNIT_PRICES,
    "credit_note_prorated": (
        "unused days are credited when a contract changes after its invoice, and all cases share"
        " one catalogue, which cannot change between the two"
    ),
    "threshold_billing": (
        "an invoice begins and ends with its billing period; none is issued when usage reaches an"
        " amount"
    ),
}

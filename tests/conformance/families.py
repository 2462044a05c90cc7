"""Families of cases that are known and not answered, and why."""

NOT_ANSWERED = {
    "credit_note_prorated": (
        "unused days are credited when a contract changes after its invoice, and all cases share"
        " one catalogue, which cannot change between the two"
    ),
    "threshold_billing": (
        "an invoice begins and ends with its billing period; none is issued when usage reaches an"
        " amount"
    ),
}

"""Families of cases that are known and not translated yet."""

NOT_BUILT = frozenset(
    (
        "calendar_days_in_timezone",
        "credit_cap",
        "credit_note_partial",
        "credit_note_prorated",
        "flat_prorated",
        "plan_change_proration",
        "recurring_unit_full",
        "recurring_unit_prorated_in_advance",
        "recurring_unit_prorated_termination",
        "threshold_billing",
    )
)
"""Those of invoicing.jsonl, which come with a later issue."""

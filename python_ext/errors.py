"""The one kind of error that a user is meant to read."""


class MeterhouseError(Exception):
    """An input that cannot be used: what it is, which rule it breaks, and what to do about it.

    `subject` names the file (and row) or folder, `rule` what was expected and what was found,
    `remedy` the next step. `str()` gives one line, `subject: rule. remedy`, and never a traceback.
    """

    def __init__(self, subject: str, rule: str, remedy: str) -> None:
        advice = remedy[:1].upper() + remedy[1:].rstrip(".")
        super().__init__(f"{subject}: {rule.rstrip('.')}. {advice}.")
        self.subject = subject
        self.rule = rule
        self.remedy = remedy

"""`python -m tests.conformance dir-or-file`: run worked examples, and say what came out."""

import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import typer
from rich.console import Console

from python_ext.errors import MeterhouseError
from tests.conformance.cases import Case, read_cases
from tests.conformance.run import Outcome, run
from tests.conformance.translate import is_by_hand


def main(arguments: list[str]) -> int:
    """Exit code: 1 where a case or a check failed, 2 for input that cannot be used."""
    try:
        if len(arguments) != 1:
            raise MeterhouseError(
                "CASES",
                f"one file or folder is expected, found {len(arguments)}",
                "for example make conformance CASES=tests/data/conformance",
            )
        outcome = run(read_cases(Path(arguments[0])), Console(stderr=True))
    except MeterhouseError as error:
        typer.echo(f"error: {error}", err=True)
        return 2
    except OSError as error:
        typer.echo(f"error: {error.filename or 'system'}: {error.strerror or error}", err=True)
        return 2
    for line in report(outcome):
        typer.echo(line)
    return 1 if outcome.failed or outcome.failed_checks else 0


def report(outcome: Outcome) -> list[str]:
    """Failures, remarks, what is out of scope by reason, and the count last."""
    lines = []
    for answer in outcome.failed:
        for figure, got in answer.found:
            if figure.amount != got:
                what = f"{answer.case.case_id} ({answer.case.family}) {figure.name}"
                lines.append(f"failed: {what}: expected {_text(figure.amount)}, got {_text(got)}")
    lines += [f"check failed: {message}" for message in outcome.failed_checks]
    remarks: dict[str, list[str]] = defaultdict(list)
    for answer in outcome.answers:
        if answer.scene.remark:
            remarks[answer.scene.remark].append(answer.case.case_id)
    lines += [f"remark: {', '.join(ids)}: {remark}" for remark, ids in remarks.items()]
    reasons: dict[str, list[Case]] = defaultdict(list)
    for case, reason in outcome.out_of_scope:
        reasons[reason].append(case)
    for reason, cases in reasons.items():
        ids = "" if is_by_hand(cases[0]) else f": {', '.join(case.case_id for case in cases)}"
        count = "1 case" if len(cases) == 1 else f"{len(cases)} cases"
        lines.append(f"out of scope: {reason} ({count}){ids}")
    lines.append(f"{len(outcome.out_of_scope)} out of scope")
    lines.append(f"{len(outcome.passed)} passed, {len(outcome.failed)} failed")
    return lines


def _text(value: Decimal | str | None) -> str:
    """A number without the zeros that its column has at the end."""
    if not isinstance(value, Decimal):
        return "no row or no value" if value is None else value
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

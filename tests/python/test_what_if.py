"""Another plan is read to the letter, held against the catalogue's rules, and leaves no scratch."""

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from python_ext.catalogue_tables import TABLES
from python_ext.errors import MeterhouseError
from python_ext.what_if import parse_month
from python_ext.what_if_plan import Cells, changed, findings, read

PRO = {"saas_pro@1", "saas_pro@2"}
NEW = """
[lines.fax]
line_kind = "usage"
pack_id = "companyos_core"
meter_id = "platform.api_calls"
charge_model = "graduated"
environments = ["production", "staging"]
tiers.EUR = [{up_to_quantity = 10, unit_price = 0.000000001}, {unit_price = "0.5", flat_amount = 2}]
tiers.GBP = [{unit_price = 1}]
tiers.JPY = [{flat_amount = 1}]
tiers.USD = [{tier_number = 1, unit_price = 1_000, flat_amount = 0}]
"""


@pytest.fixture
def catalogue(project_root: Path) -> dict[str, list[Cells]]:
    """The rows of the default catalogue."""
    tables: dict[str, list[Cells]] = {}
    for name in TABLES:
        with (project_root / "seeds" / "catalogue" / f"{name}.csv").open(newline="") as stream:
            tables[name] = list(csv.DictReader(stream))
    return tables


def plan_of(folder: Path, text: str, plan_id: str = "saas_pro") -> Any:
    file = folder / "other.toml"
    file.write_text(f'plan_id = "{plan_id}"\n{text}')
    return read(file)


def test_prices_are_read_as_they_are_written(
    tmp_path: Path, catalogue: dict[str, list[Cells]]
) -> None:
    tables = changed(plan_of(tmp_path, NEW), PRO, catalogue)
    lines = [row for row in tables["plan_lines"] if row["plan_line_id"].endswith(":fax")]
    assert [(row["plan_line_id"], row["environments"]) for row in lines] == [
        ("saas_pro@1:fax", "production|staging"),
        ("saas_pro@2:fax", "production|staging"),
    ]
    ladder = [
        (row["tier_number"], row["up_to_quantity"], row["unit_price"], row["flat_amount"])
        for row in tables["plan_line_tiers"]
        if (row["plan_line_id"], row["currency_code"]) == ("saas_pro@2:fax", "EUR")
    ]
    assert ladder == [("1", "10", "0.000000001", "0"), ("2", "", "0.5", "2")]


def test_what_the_file_leaves_out_stays(tmp_path: Path, catalogue: dict[str, list[Cells]]) -> None:
    assert changed(plan_of(tmp_path, ""), PRO, catalogue) == {
        name: catalogue[name] for name in ("plan_lines", "plan_line_tiers", "plan_line_terms")
    }
    text = "[lines.deals]\ntiers.EUR = [{unit_price = 9}]\nterms.EUR = {minimum_amount = 5}"
    tables = changed(plan_of(tmp_path, text), {"saas_pro@2"}, catalogue)
    assert tables["plan_lines"] == catalogue["plan_lines"]
    (former,) = [
        row for row in catalogue["plan_line_tiers"] if row not in tables["plan_line_tiers"]
    ]
    (latter,) = [
        row for row in tables["plan_line_tiers"] if row not in catalogue["plan_line_tiers"]
    ]
    assert latter == {**former, "unit_price": "9"}
    (terms,) = tables["plan_line_terms"]
    assert {name: cell for name, cell in terms.items() if cell} == {
        "plan_line_id": "saas_pro@2:deals",
        "currency_code": "EUR",
        "minimum_amount": "5",
    }


def test_a_line_is_removed_with_all_that_hangs_on_it(
    tmp_path: Path, catalogue: dict[str, list[Cells]]
) -> None:
    tables = changed(plan_of(tmp_path, 'remove = ["deals"]'), PRO, catalogue)
    for name in ("plan_lines", "plan_line_tiers"):
        gone = {row["plan_line_id"] for row in catalogue[name] if row not in tables[name]}
        assert gone == {"saas_pro@1:deals", "saas_pro@2:deals"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("plan_id = ", ": not TOML (Invalid value (at end of document)). Correct it."),
        ("", " plan_id: it names the plan to change."),
        ("plan_id = 7", " plan_id: it names the plan to change."),
        (
            "plan_id = 'p'\nlinse = 1",
            ": linse is not known here. Use one of lines, plan_id, remove",
        ),
        ("plan_id = 'p'\nlines = 1", " lines: a table is expected. Write it like [lines]."),
        ("plan_id = 'p'\nremove = 'x'", " remove: a list of line codes is expected."),
        ("plan_id = 'p'\nremove = ['x']\nlines.x = {}", " remove: x is changed under lines too."),
        ("plan_id = 'p'\nlines.x = 1", " lines.x: a table is expected."),
        ("plan_id = 'p'\nlines.x.prise = 1", " lines.x: prise is not known here. Use one of "),
        ("plan_id = 'p'\nlines.x.plan_line_id = 'y'", " lines.x: plan_line_id is not known here."),
        (
            "plan_id = 'p'\nlines.x.free_quantity = 2025-01-01",
            " lines.x.free_quantity: a text, a number or a list of texts is expected.",
        ),
        (
            "plan_id = 'p'\nlines.x.tiers.USD = 2",
            " lines.x.tiers.USD: a list of tiers is expected.",
        ),
        (
            "plan_id = 'p'\nlines.x.tiers.USD = [{price = 2}]",
            " lines.x.tiers.USD tier 1: price is not known here.",
        ),
        ("plan_id = 'p'\nlines.x.terms.USD = 2", " lines.x.terms.USD: a table is expected."),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_key(
    tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "other.toml"
    file.write_text(text)
    with pytest.raises(MeterhouseError) as refused:
        read(file)
    assert str(refused.value).startswith(f"{file}{message}")


def test_a_file_that_is_no_text_or_not_there_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    with pytest.raises(MeterhouseError, match="there is no such file"):
        read(file)
    file.write_bytes(b"\xff")
    with pytest.raises(MeterhouseError, match="not TOML"):
        read(file)


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (
            NEW.replace("platform.api_calls", "platform.faxes"),
            ["lines.fax: meter_id names platform.faxes, which is not in meters.csv."],
        ),
        (
            NEW.replace("companyos_core", "telex"),
            ["lines.fax: pack_id names telex, which is not in packs.csv."],
        ),
        (
            NEW.replace("EUR", "XXX"),
            [
                f"lines.fax.tiers.XXX tier {tier}: currency_code names XXX, which is not in"
                for tier in (1, 2)
            ],
        ),
        (
            NEW.replace("tiers.GBP", "#"),
            [
                "against contracts.csv ct-glacier-labs: no price in GBP for saas_pro@1:fax,"
                " saas_pro@2:fax. Add tiers to other.toml.",
                "against contracts.csv ct-kestrel-media: no price in GBP for ",
            ],
        ),
        (
            "lines.decisions.tiers.EUR = [{unit_price = -0.5}]",
            ["lines.decisions.tiers.EUR tier 1: unit_price is zero or more, found -0.5."],
        ),
        (
            "lines.decisions.tiers.EUR = [{unit_price = 1e-3}]",
            ["lines.decisions.tiers.EUR tier 1: unit_price is a plain decimal number with"],
        ),
        (
            "lines.decisions.tiers.EUR = [{unit_price = 0.0000000001}]",
            ["lines.decisions.tiers.EUR tier 1: unit_price is a plain decimal number with"],
        ),
        (
            "lines.decisions.tiers.EUR = [{unit_price = 1, up_to_quantity = 5},"
            " {unit_price = 1, tier_number = 3}]",
            ["lines.decisions.tiers.EUR tier 3: the tiers of decisions in EUR leave a gap:"],
        ),
        (
            "lines.decisions.tiers.EUR = [{unit_price = 1, up_to_quantity = 5}]",
            ["lines.decisions.tiers.EUR tier 1: the last of the tiers of decisions in EUR is not"],
        ),
        (
            "lines.decisions.charge_model = 'barter'",
            ["lines.decisions: charge_model is not one of flat, per_unit, "],
        ),
        (
            "lines.decisions.charge_model = 'per_unit'",
            [
                f"lines.decisions.tiers.{currency} tier 2: per_unit takes one tier, but"
                for currency in ("EUR", "GBP", "JPY", "USD")
            ],
        ),
        (
            "lines.decisions.terms.EUR = {minimum_amount = 5, maximum_amount = 1}",
            ["lines.decisions.terms.EUR: minimum_amount is more than maximum_amount."],
        ),
        (
            "lines.misspelt.tiers.EUR = [{unit_price = 1}]",
            [
                f"lines.misspelt: {column} is empty. Fill it in."
                for column in ("charge_model", "environments", "line_kind", "pack_id")
            ],
        ),
    ],
)
def test_a_plan_that_breaks_a_rule_is_refused_with_its_key(
    tmp_path: Path, catalogue: dict[str, list[Cells]], text: str, messages: list[str]
) -> None:
    plan = plan_of(tmp_path, text)
    tables = {**catalogue, **changed(plan, PRO, catalogue)}
    found = [str(error) for error in findings(plan, PRO, tables, tmp_path / "catalogue")]
    starts = [f"{plan.file} {message}" for message in messages]
    assert len(found) == len(starts), found
    for error, start in zip(sorted(found), starts, strict=True):
        assert error.startswith(start)


def test_the_example_of_the_readme_keeps_the_rules(
    tmp_path: Path, project_root: Path, catalogue: dict[str, list[Cells]]
) -> None:
    file = tmp_path / "other.toml"
    file.write_text((project_root / "README.md").read_text().split("```toml")[1].split("```")[0])
    tables = changed(read(file), PRO, catalogue)
    assert all(tables[name] != catalogue[name] for name in tables)
    assert findings(read(file), PRO, {**catalogue, **tables}, tmp_path / "catalogue") == []


def test_a_line_to_remove_that_is_not_there_is_refused(
    tmp_path: Path, catalogue: dict[str, list[Cells]]
) -> None:
    with pytest.raises(MeterhouseError, match=r"remove: saas_pro has no line fax\. Name one of "):
        changed(plan_of(tmp_path, 'remove = ["fax"]'), PRO, catalogue)


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-03-01", "0026-03", "march"])
def test_a_month_is_written_in_one_way(text: str) -> None:
    with pytest.raises(MeterhouseError, match="a month is expected"):
        parse_month("--from", text)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_scratch_goes_with_its_run_or_before_the_next(
    tmp_path: Path, number: signal.Signals
) -> None:
    script = (
        "import sys, time; from python_ext.scratch import scratch\n"
        "with scratch('s-') as folder:\n"
        "    (folder / 'copy').touch(); print(folder, flush=True)\n"
        "    time.sleep(60 * len(sys.argv[1]))"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}

    def start(wait: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", script, wait],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            # Whoever runs the tests may ignore it, and a child inherits that.
            preexec_fn=lambda: signal.signal(number, signal.SIG_DFL) if number != 9 else None,
        )

    with start("x") as other, start("x") as run:
        assert other.stdout and run.stdout
        kept, folder = Path(other.stdout.readline().strip()), Path(run.stdout.readline().strip())
        assert {kept, folder} == set(tmp_path.iterdir())
        run.send_signal(number)
        run.wait()
        assert folder.exists() == (number == signal.SIGKILL)
        start("").communicate()
        assert list(tmp_path.iterdir()) == [kept]
        other.terminate()
    assert list(tmp_path.iterdir()) == []

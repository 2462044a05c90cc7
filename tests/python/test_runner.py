"""dbt runs in this process, and what it says is cut down to what a user can act on."""

import os
import subprocess
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from python_ext import runner
from python_ext.errors import MeterhouseError
from python_ext.runner import Scope, build, clean
from python_ext.settings import Settings, from_environment

PROJECT = {
    "dbt_project.yml": """
name: tiny
version: "1.0"
profile: tiny
flags: {send_anonymous_usage_stats: false}
seed-paths: ["{{ env_var('METERHOUSE_SEEDS') }}"]
vars: {as_of: nothing}
""",
    "profiles.yml": """
tiny:
  target: dev
  outputs:
    dev: &it {type: duckdb, path: "{{ env_var('METERHOUSE_DB') }}", threads: 1}
    ci: *it
""",
    "seeds/packs.csv": "pack_id\nrevops\n",
    "models/fct_one.sql": "select 1 as one, '{{ var('as_of') }}' as as_of",
    "models/fct_two.sql": "select * from {{ ref('fct_one') }}, {{ ref('packs') }}",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    write(tmp_path, PROJECT)
    return replace(
        from_environment({}),
        root=tmp_path,
        database=tmp_path / "data" / "tiny.duckdb",
        threads=1,
    )


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def run(settings: Settings, scope: Scope | None = None) -> runner.BuildResult:
    console = Console(file=StringIO())
    return build(settings, settings.root / "seeds", scope or Scope(), console)


def test_a_build_that_passes_says_so_and_leaves_the_database_to_others(settings: Settings) -> None:
    before = dict(os.environ)
    result = run(replace(settings, as_of="2026-03-05T06:00:00Z"))
    assert (result.success, result.failures, result.warnings, result.node_count) == (
        True,
        (),
        (),
        3,
    )
    assert result.seconds > 0
    assert dict(os.environ) == before
    code = f"import duckdb; print(duckdb.connect({str(settings.database)!r}).sql('from fct_two'))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "2026-03-05T06:00:00Z" in shown.stdout, shown.stderr
    with duckdb.connect(settings.database, read_only=True) as connection:
        assert connection.sql("select one, pack_id from fct_two").fetchall() == [(1, "revops")]


def test_a_part_is_built_where_a_part_is_selected(settings: Settings) -> None:
    assert run(settings, Scope(target="ci", select=("fct_one",))).node_count == 1


def test_our_errors_come_out_of_a_python_model_without_its_traceback(settings: Settings) -> None:
    write(
        settings.root,
        {
            "models/py.py": """
from python_ext.errors import MeterhouseError


def fail():
    raise MeterhouseError("events.ndjson row 3", "the gzip is truncated", "land it again")


def model(dbt, session):
    dbt.config(materialized="table")
    return fail()
""",
            "models/fct_after.sql": "select * from {{ ref('py') }}",
        },
    )
    result = run(settings)
    assert not result.success
    assert {failure.name: (failure.kind, failure.message) for failure in result.failures} == {
        "py": ("error", "events.ndjson row 3: the gzip is truncated. Land it again."),
        "fct_after": ("skipped", "not run, because something before it failed"),
    }


def test_an_error_of_the_database_keeps_its_first_lines(settings: Settings) -> None:
    write(settings.root, {"models/fct_bad.sql": "select nope from {{ ref('fct_one') }}"})
    (failure,) = run(settings).failures
    assert (failure.name, failure.kind) == ("fct_bad", "error")
    assert failure.message.startswith('Binder Error: Referenced column "nope" not found')
    assert len(failure.message.splitlines()) <= 2


def test_failing_tests_say_how_many_rows_and_warnings_do_not_fail(settings: Settings) -> None:
    write(
        settings.root,
        {
            "tests/assert_nothing.sql": "select * from range(3), {{ ref('fct_two') }}",
            "tests/assert_less.sql": "{{ config(severity='warn') }} from {{ ref('fct_one') }}",
        },
    )
    result = run(settings)
    assert not result.success
    assert [(failure.kind, failure.message) for failure in result.failures] == [
        ("test_failure", "3 rows fail: assert_nothing")
    ]
    assert [(warning.kind, warning.message) for warning in result.warnings] == [
        ("warning", "1 row fails: assert_less")
    ]
    (settings.root / "tests/assert_nothing.sql").unlink()
    assert run(settings).success


def test_a_project_that_does_not_parse_is_one_message(settings: Settings) -> None:
    write(settings.root, {"models/fct_bad.sql": "select * from {{ ref('ghost') }}"})
    with pytest.raises(MeterhouseError, match="depends on a node named 'ghost'") as refusal:
        run(settings)
    assert "Traceback" not in str(refusal.value)


def test_a_database_that_another_build_has_open_is_named(settings: Settings) -> None:
    settings.database.parent.mkdir()
    code = "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    pipe = subprocess.PIPE
    arguments = [sys.executable, "-c", code, str(settings.database)]
    other = subprocess.Popen(arguments, stdin=pipe, stdout=pipe, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "1\n"
    with pytest.raises(MeterhouseError, match="another build is using it") as refusal:
        run(settings)
    other.communicate("\n", timeout=60)
    assert refusal.value.subject == str(settings.database)
    assert "METERHOUSE_DB" in refusal.value.remedy


def test_builds_of_databases_elsewhere_compile_beside_them(
    settings: Settings, tmp_path: Path
) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-elsewhere" / "tiny.duckdb"
    assert run(replace(settings, database=outside)).success
    assert (outside.parent / "tiny.duckdb.dbt" / "manifest.json").exists()
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("", "no message"),
        (
            "Runtime Error in model a (models/a.sql)\n  Parser Error: syntax error\n  \n"
            "  LINE 3: selec\n          ^\n  compiled code at target/a.sql",
            "Parser Error: syntax error",
        ),
        (
            "Runtime Error in model a (models/a.py)\n  Python model failed:\n"
            '  Traceback (most recent call last):\n    File "x.py", line 1, in f\n'
            "  pyarrow.lib.ArrowTypeError: not a number\n",
            "ArrowTypeError: not a number",
        ),
        ("x\n  python_ext.errors.MeterhouseError: a: b. c.\n  \n  compiled code", "a: b. c."),
        ("\x1b[31mone\x1b[0m\n\ntwo\nthree", "one\ntwo"),
    ],
)
def test_a_message_is_cut_to_what_is_wrong(message: str, expected: str) -> None:
    assert clean(message) == expected


def test_unit_tests_are_not_part_of_a_build(settings: Settings) -> None:
    text = """
unit_tests:
  - name: two_is_one
    model: fct_one
    given: []
    expect: {rows: [{one: 2}]}
"""
    write(settings.root, {"models/m.yml": text})
    result = run(settings)
    assert (result.success, result.node_count) == (True, 3)

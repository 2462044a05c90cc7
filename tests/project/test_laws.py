"""The project keeps its laws, and each law can be broken."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import tidy
from dbt.cli.main import dbtRunner
from laws import CHAIN, FAN_IN, LAWS, MODEL_LINES, PYTHON_LINES, YAML_LINES, Project

USAGE = "models/06_usage/int_usage__lines_matched.sql"
DIM = "model.shop.dim_tenants"
MATCHED = "model.shop.int_usage__lines_matched"
RPT = "model.shop.rpt_tenants"


@pytest.fixture(scope="session")
def project(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    target = tmp_path_factory.mktemp("target")
    arguments = ["parse", "--quiet", "--target", "memory", "--profiles-dir", str(project_root)]
    arguments += ["--target-path", str(target), "--log-path", str(target)]
    with contextlib.chdir(project_root), pytest.MonkeyPatch.context() as environment:
        environment.delenv("METERHOUSE_SEEDS", raising=False)
        outcome = dbtRunner().invoke(arguments)
    assert outcome.success, f"dbt cannot parse the project: {outcome.exception}"
    return Project.read(project_root, json.loads((target / "manifest.json").read_text()))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_project_keeps_the_law(law: Callable[[Project], list[str]], project: Project) -> None:
    findings = law(project)
    assert findings == [], f"{law.__doc__}\n" + "\n".join(findings)


@dataclass(frozen=True)
class Break:
    """One way to break a law: what is done, what the finding names, which laws break with it."""

    deed: str
    do: Callable[[Project], Project]
    names: str
    also: frozenset[str] = frozenset()


def changed(unique_id: str, **facts: object) -> Callable[[Project], Project]:
    return lambda project: tidy.change(project, unique_id, **facts)


def edited(path: str, old: str, new: str) -> Callable[[Project], Project]:
    return lambda project: tidy.edit(project, path, old, new)


def reading(unique_id: str, *parents: str) -> Callable[[Project], Project]:
    return changed(unique_id, depends_on={"nodes": list(parents)})


def grown(path: str, line: str, count: int) -> Callable[[Project], Project]:
    """The file begins with so many more lines."""
    return lambda project: tidy.write(project, path, line * count + project.files[path])


def with_model(path: str, access: str, text: str, *reads: str) -> Callable[[Project], Project]:
    return lambda project: tidy.add_model(project, path, access, text, *reads)


def without_node(section: str, unique_id: str) -> Callable[[Project], Project]:
    """The node is there no longer, because it belongs to somebody else's package."""
    return lambda project: tidy.add(
        project, section, project.manifest[section][unique_id] | {"package_name": "elsewhere"}
    )


def renamed(unique_id: str, path: str) -> Callable[[Project], Project]:
    """The model and its YAML stand under another path, and keep all else."""

    def do(project: Project) -> Project:
        node = project.manifest["nodes"][unique_id]
        name = Path(path).stem
        old_yaml = str(Path(node["original_file_path"]).with_suffix(".yml"))
        files = dict(project.files)
        files[path] = files.pop(node["original_file_path"])
        new_yaml = str(Path(path).with_suffix(".yml"))
        files[new_yaml] = files.pop(old_yaml).replace(node["name"], name)
        moved = Project(project.manifest, files)
        facts = {"name": name, "original_file_path": path, "patch_path": f"shop://{new_yaml}"}
        return tidy.change(moved, unique_id, **facts)

    return do


def a_chain(project: Project, length: int) -> Project:
    """The two steps that are there, and as many more as make the chain that long."""
    parent = MATCHED
    for number in range(3, length + 1):
        name = f"int_usage__lines_passed_{number}"
        path = f"models/06_usage/{name}.sql"
        project = tidy.add_model(project, path, "private", tidy.sql("before", "line_id"), parent)
        parent = f"model.shop.{name}"
    return project


def a_stack_that_joins(project: Project) -> Project:
    return tidy.change(project, MATCHED, config={"contract": {}, "meta": {"stacks": True}})


def a_macro_argument_untyped(project: Project) -> Project:
    arguments = [{"name": "first", "type": "string"}, {"name": "second", "type": None}]
    return tidy.change(project, "macro.shop.later_of", arguments=arguments)


BREAKS: dict[str, tuple[Break, ...]] = {
    "chapters_read_only_lower_chapters": (
        Break("a dimension reads a report", reading(DIM, RPT), "dim_tenants"),
        Break(
            "a model stands outside the chapters",
            renamed(RPT, "models/rpt_tenants.sql"),
            "rpt_tenants",
            also=frozenset({"groups_follow_chapters"}),
        ),
    ),
    "only_staging_reads_sources_and_seeds": (
        Break("a report reads a source", reading(RPT, "source.shop.landing.files"), "rpt_tenants"),
        Break(
            "a dimension reads a seed",
            reading(DIM, "seed.shop.tenants"),
            "dim_tenants",
            also=frozenset({"seeds_feed_one_staging_model"}),
        ),
    ),
    "groups_follow_chapters": (
        Break("a model is in another group", changed(DIM, group="usage"), "dim_tenants"),
        Break("a model is in no group", changed(DIM, group=None), "dim_tenants"),
        Break("a group is gone", without_node("groups", "group.shop.margin"), "margin"),
    ),
    "access_follows_prefix": (
        Break("a step is protected", changed(MATCHED, access="protected"), "lines_matched"),
        Break("a report is protected", changed(RPT, access="protected"), "rpt_tenants"),
        Break("a dimension is public", changed(DIM, access="public"), "dim_tenants"),
    ),
    "contracts_are_enforced": (
        Break(
            "a dimension has no contract",
            changed(DIM, config={"contract": {"enforced": False}}),
            "dim_tenants",
        ),
    ),
    "models_and_yaml_are_pairs": (
        Break(
            "a YAML describes two models",
            edited(
                "models/06_usage/int_usage__lines_read.yml",
                "models:\n",
                "models:\n" + tidy.described("int_usage__lines_matched"),
            ),
            "int_usage__lines_read.yml",
        ),
        Break("nothing describes a model", changed(MATCHED, patch_path=None), "lines_matched"),
        Break(
            "a YAML is left behind",
            lambda project: tidy.write(project, "models/06_usage/int_usage__gone.yml", ""),
            "int_usage__gone.yml",
        ),
    ),
    "staging_folders_have_one_yaml": (
        Break(
            "a second YAML stands in a source folder",
            lambda project: tidy.write(project, "models/01_staging/catalogue/more.yml", ""),
            "models/01_staging/catalogue",
        ),
        Break(
            "a staging model is described elsewhere",
            changed("model.shop.stg_catalogue__tenants", patch_path="shop://models/groups.yml"),
            "stg_catalogue__tenants",
        ),
    ),
    "descriptions_name_the_row": (
        Break("a description tells a tale", changed(DIM, description="All tenants."), "dim_"),
        Break("a description is empty", changed(MATCHED, description=""), "lines_matched"),
    ),
    "grain_is_tested_once": (
        Break(
            "a dimension has no grain test",
            without_node("nodes", "test.shop.grain_dim_tenants"),
            "dim_tenants",
        ),
        Break(
            "a report has two grain tests",
            lambda project: tidy.add(
                project, "nodes", tidy.grain("rpt_tenants") | {"unique_id": "test.shop.again"}
            ),
            "rpt_tenants",
        ),
    ),
    "names_tell_the_place": (
        Break(
            "a step has one word",
            renamed(MATCHED, "models/06_usage/int_usage__matched.sql"),
            "int_usage__matched",
        ),
        Break(
            "a step names another chapter",
            renamed(MATCHED, "models/06_usage/int_rating__lines_matched.sql"),
            "int_rating__lines_matched",
        ),
        Break(
            "a prefix is not of the house",
            renamed(RPT, "models/14_margin/mart_tenants.sql"),
            "mart_tenants",
        ),
        Break(
            "a dimension stands in staging",
            with_model(
                "models/01_staging/catalogue/dim_packs.sql", "protected", tidy.sql("a", "pack_id")
            ),
            "dim_packs",
            also=frozenset(
                {"staging_folders_have_one_yaml", "grain_is_tested_once", "columns_are_doc_blocks"}
            ),
        ),
    ),
    "columns_are_doc_blocks": (
        Break(
            "a column is described in place",
            edited("models/14_margin/rpt_tenants.yml", "\"{{ doc('tenant_id') }}\"", "A key."),
            "rpt_tenants.tenant_id",
        ),
        Break(
            "a contract lists no column",
            edited("models/14_margin/rpt_tenants.yml", "columns:", "data_tests:"),
            "rpt_tenants",
        ),
    ),
    "doc_blocks_are_written_and_used": (
        Break(
            "a block is dead",
            edited("models/columns.md", "{% docs tenant_id", "{% docs pack_id %}{% docs tenant_id"),
            "pack_id",
        ),
        Break(
            "a block is not written",
            edited("models/columns.md", "{% docs tenant_bucket %}", ""),
            "tenant_bucket",
        ),
    ),
    "python_models_are_small_and_internal": (
        Break(
            "a Python model does the work itself",
            grown("models/06_usage/int_usage__lines_read.py", "total = 0\n", PYTHON_LINES - 2),
            "int_usage__lines_read",
        ),
        Break(
            "a Python model is a result",
            with_model("models/06_usage/fct_lines.py", "protected", tidy.LINES_READ_PY),
            "fct_lines",
            also=frozenset({"grain_is_tested_once", "columns_are_doc_blocks"}),
        ),
    ),
    "model_files_are_short": (
        Break("a model grows", grown(USAGE, "-- why\n", MODEL_LINES), "lines_matched"),
    ),
    "yaml_files_are_short": (
        Break(
            "a YAML grows",
            grown("models/14_margin/rpt_tenants.yml", "# why\n", YAML_LINES),
            "rpt_tenants.yml",
        ),
    ),
    "fan_in_is_small": (
        Break(
            "a model joins the world",
            reading(MATCHED, *(f"model.shop.dim_{number}" for number in range(FAN_IN + 1))),
            "lines_matched",
        ),
        Break("a stack joins", a_stack_that_joins, "lines_matched"),
    ),
    "intermediate_chains_are_short": (
        Break("a chain goes on", lambda project: a_chain(project, CHAIN + 1), "lines_passed_6"),
    ),
    "sql_ends_in_an_explicit_final": (
        Break("final selects *", edited(USAGE, "lines_read.line_id", "*"), "lines_matched"),
        Break("final selects a.*", edited(USAGE, "tenants.tenant_id,", "tenants.*,"), "matched"),
        Break("another name is last", edited(USAGE, "final", "matched"), "lines_matched"),
        Break("final is filtered", edited(USAGE, "from final", "from final where true"), "matched"),
    ),
    "nothing_reads_the_clock": (
        Break("SQL asks for the day", edited(USAGE, "'0'", "'current_date'"), "lines_matched"),
        Break("SQL asks for the hour", edited(USAGE, "'0'", "'now()'"), "lines_matched"),
        Break("SQL throws dice", edited(USAGE, "'0'", "'random()'"), "lines_matched"),
        Break("Jinja asks dbt", edited(USAGE, "'0'", "run_started_at"), "lines_matched"),
        Break(
            "Python asks for the hour",
            edited("models/06_usage/int_usage__lines_read.py", "dbt.config", "datetime.now() or x"),
            "lines_read",
        ),
        Break(
            "a macro makes an id from nothing",
            changed("macro.shop.duckdb__id_bucket", macro_sql="uuid()"),
            "duckdb__id_bucket",
        ),
    ),
    "sql_is_portable": (
        Break("a model casts by ::", edited(USAGE, "line_id,", "line_id::int as id,"), "matched"),
        Break("a model qualifies", edited(USAGE, "inner join", "qualify"), "lines_matched"),
        Break("a model joins as of", edited(USAGE, "inner join", "ASOF join"), "lines_matched"),
        Break("a model recurs", edited(USAGE, "with lines", "with recursive lines"), "matched"),
        Break("a model digs in JSON", edited(USAGE, "* 2", "->> 'a'"), "lines_matched"),
        Break(
            "a macro that does not dispatch casts by ::",
            changed(
                "macro.shop.later_of",
                macro_sql=tidy.LATER_OF.replace("{{ first }} else", "{{ first }}::int else"),
            ),
            "later_of",
        ),
    ),
    "macros_earn_their_place": (
        Break("a macro is used once", edited(USAGE, "later_of('lines_read.line_c", "x('"), "later"),
        Break(
            "a dispatching macro is used by nobody",
            edited("models/02_reference/dim_tenants.sql", "id_bucket(", "x("),
            "id_bucket",
        ),
        Break(
            "nothing dispatches to an implementation",
            edited("macros/keys.sql", "dispatch('id_bucket'", "dispatch('other'"),
            "duckdb__id_bucket",
        ),
    ),
    "macros_are_described": (
        Break(
            "a macro has no description", changed("macro.shop.later_of", description=""), "later_of"
        ),
        Break("an argument has no type", a_macro_argument_untyped, "later_of"),
        Break(
            "an argument is not listed", changed("macro.shop.id_bucket", arguments=[]), "id_bucket"
        ),
    ),
    "increments_follow_what_they_read": (
        Break(
            "batches of a model that is not read",
            grown(USAGE, "{{ record_batches('rpt_tenants') }}\n", 1),
            "from rpt_tenants, which it does not read",
        ),
        Break(
            "batches of a model that records none",
            grown(USAGE, "{{ forget_pending('dim_tenants') }}\n", 1),
            "from dim_tenants, which records none",
        ),
        Break(
            "batches of two models",
            grown(
                USAGE,
                "{{ first_pending_at(\n'dim_tenants') ~ record_batches('rpt_tenants') }}\n",
                1,
            ),
            "batches from ['dim_tenants', 'rpt_tenants']",
        ),
    ),
    "seeds_feed_one_staging_model": (
        Break("a seed has no description", changed("seed.shop.tenants", description=""), "tenants"),
        Break(
            "a seed stands in a folder of its own",
            changed("seed.shop.tenants", original_file_path="seeds/extra/tenants.csv"),
            "tenants",
        ),
        Break("nobody reads a seed", reading("model.shop.stg_catalogue__tenants"), "tenants"),
    ),
    "unit_tests_are_sentences": (
        Break(
            "a unit test has a number",
            changed("unit_test.shop.a_line_without_tenant_is_dropped", name="test_lines_matched_1"),
            "test_lines_matched_1",
        ),
        Break(
            "a unit test has two words",
            changed("unit_test.shop.a_line_without_tenant_is_dropped", name="lines_matched"),
            "lines_matched",
        ),
    ),
}
CASES = [(law, broken) for law, breaks in BREAKS.items() for broken in breaks]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_a_tidy_project_breaks_no_law(law: Callable[[Project], list[str]]) -> None:
    assert law(tidy.tidy_project()) == []


@pytest.mark.parametrize(
    ("law", "broken"), CASES, ids=[f"{law}: {broken.deed}" for law, broken in CASES]
)
def test_a_law_reports_its_break_and_the_others_stay_silent(law: str, broken: Break) -> None:
    project = broken.do(tidy.tidy_project())
    reports = {each.__name__: findings for each in LAWS if (findings := each(project))}
    assert set(reports) == {law} | broken.also
    assert any(broken.names in finding for finding in reports[law])


def test_every_law_has_a_break() -> None:
    assert list(BREAKS) == [law.__name__ for law in LAWS]


def padded(path: str, line: str, size: int) -> Callable[[Project], Project]:
    """The file has exactly so many lines, none of them blank."""

    def do(project: Project) -> Project:
        text = re.sub(r"\n+", "\n", project.files[path])
        return tidy.write(project, path, line * (size - text.count("\n")) + text)

    return do


@pytest.mark.parametrize(
    "do",
    [
        padded(USAGE, "-- why\n", MODEL_LINES),
        padded("models/14_margin/rpt_tenants.yml", "# why\n", YAML_LINES),
        padded("models/06_usage/int_usage__lines_read.py", "total = 0\n", PYTHON_LINES),
        reading(MATCHED, *(f"model.shop.dim_{number}" for number in range(FAN_IN))),
        lambda project: a_chain(project, CHAIN),
    ],
    ids=["model lines", "YAML lines", "Python lines", "fan-in", "chain"],
)
def test_a_budget_may_be_used_up(do: Callable[[Project], Project]) -> None:
    assert [law.__name__ for law in LAWS if law(do(tidy.tidy_project()))] == []


def test_a_stack_of_findings_may_read_many_models() -> None:
    stacked = tidy.sql("dim_0", "finding_id").replace(
        "from source\n", "from source\n    union all\n    select finding_id from other\n"
    )
    parents = [f"model.shop.dim_{number}" for number in range(FAN_IN + 1)]
    path = "models/06_usage/int_usage__findings_stacked.sql"
    project = with_model(path, "private", stacked, *parents)(tidy.tidy_project())
    facts = {"config": {"contract": {}, "meta": {"stacks": True}}}
    marked = tidy.change(project, "model.shop.int_usage__findings_stacked", **facts)
    assert [each.__name__ for each in LAWS if each(project)] == ["fan_in_is_small"]
    assert [each.__name__ for each in LAWS if each(marked)] == []

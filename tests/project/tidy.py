"""A small project by hand that keeps every law, and the few ways to change a copy of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from laws import Project

NAME = "shop"

USAGE_SQL = """\
-- One step: now() and a::b in a comment break no law.
with lines_read as (
    select * from {{ ref('int_usage__lines_read') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

final as (
    select
        lines_read.line_id,
        tenants.tenant_id,
        {{ later_of('lines_read.happened_at', 'lines_read.landed_at') }} as known_at,
        {{ later_of('lines_read.line_count * 2', '0') }} as line_count
    from lines_read
    inner join tenants on lines_read.tenant_id = tenants.tenant_id
)

select * from final
"""

LINES_READ_PY = """\
from python_ext import landing


def model(dbt, session):
    return landing.read_lines(dbt.config.get("landing"))
"""

LATER_OF = """\
{% macro later_of(first, second) -%}
    case when {{ first }} >= {{ second }} then {{ first }} else {{ second }} end
{%- endmacro %}
"""

ID_BUCKET = """\
{% macro id_bucket(id, count=16) -%}
    {{ return(adapter.dispatch('id_bucket', 'shop')(id, count)) }}
{%- endmacro %}
"""

DUCKDB_ID_BUCKET = """\
{% macro duckdb__id_bucket(id, count) -%}
    hash({{ id }})::bigint % {{ count }}
{%- endmacro %}
"""

COLUMNS_MD = """\
{% docs tenant_id %}Text key of a tenant.{% enddocs %}
{% docs tenant_bucket %}Number of the bucket, 0 to 15, that a tenant falls into.{% enddocs %}
"""


def sql(parent: str, *columns: str) -> str:
    """A model that passes columns on from one parent."""
    selected = ",\n        ".join(columns)
    return (
        f"with source as (\n    select * from {{{{ ref('{parent}') }}}}\n),\n\n"
        f"final as (\n    select\n        {selected}\n    from source\n)\n\n"
        "select * from final\n"
    )


def described(name: str, *columns: str) -> str:
    """The YAML entry of a model whose columns are doc blocks."""
    lines = [f"  - name: {name}", "    description: One row per thing."]
    if columns:
        lines.append("    columns:")
    for column in columns:
        lines += [f"      - name: {column}", f"        description: \"{{{{ doc('{column}') }}}}\""]
    return "\n".join(lines) + "\n"


def model(path: str, access: str, *reads: str) -> dict[str, Any]:
    """What dbt's manifest says about a model that keeps the laws."""
    place = PurePosixPath(path)
    chapter = place.parts[1]
    in_staging = chapter == "01_staging"
    patch = (
        place.with_name(f"_{place.parent.name}.yml") if in_staging else place.with_suffix(".yml")
    )
    return {
        "unique_id": f"model.{NAME}.{place.stem}",
        "name": place.stem,
        "resource_type": "model",
        "package_name": NAME,
        "original_file_path": path,
        "patch_path": f"{NAME}://{patch}",
        "language": {".sql": "sql", ".py": "python"}[place.suffix],
        "group": chapter.split("_", maxsplit=1)[1],
        "access": access,
        "description": "One row per thing.",
        "config": {"contract": {"enforced": True}, "meta": {}},
        "depends_on": {"nodes": list(reads)},
    }


def macro(name: str, text: str, *arguments: str, description: str = "An expression.") -> Any:
    return {
        "unique_id": f"macro.{NAME}.{name}",
        "name": name,
        "resource_type": "macro",
        "package_name": NAME,
        "macro_sql": text,
        "description": description,
        "arguments": [{"name": argument, "type": "string"} for argument in arguments],
    }


def grain(name: str) -> dict[str, Any]:
    return {
        "unique_id": f"test.{NAME}.grain_{name}",
        "name": f"grain_{name}",
        "resource_type": "test",
        "package_name": NAME,
        "test_metadata": {"name": "grain"},
        "attached_node": f"model.{NAME}.{name}",
    }


def named(kind: str, name: str, **facts: Any) -> dict[str, Any]:
    unique_id = f"{kind}.{NAME}.{name}"
    own = {"unique_id": unique_id, "name": name, "resource_type": kind, "package_name": NAME}
    return own | facts


def tidy_project() -> Project:
    """Tenants from a seed, usage lines from Python, one public report; no law is broken."""
    nodes = [
        named(
            "seed",
            "tenants",
            original_file_path="seeds/catalogue/tenants.csv",
            description="One row per tenant.",
        ),
        model(
            "models/01_staging/catalogue/stg_catalogue__tenants.sql",
            "protected",
            "seed.shop.tenants",
        ),
        model(
            "models/02_reference/dim_tenants.sql", "protected", "model.shop.stg_catalogue__tenants"
        ),
        model("models/06_usage/int_usage__lines_read.py", "private"),
        model(
            "models/06_usage/int_usage__lines_matched.sql",
            "private",
            "model.shop.int_usage__lines_read",
            "model.shop.dim_tenants",
        ),
        model("models/14_margin/rpt_tenants.sql", "public", "model.shop.dim_tenants"),
        grain("dim_tenants"),
        grain("rpt_tenants"),
    ]
    macros = [
        macro("later_of", LATER_OF, "first", "second"),
        macro("id_bucket", ID_BUCKET, "id", "count"),
        macro("duckdb__id_bucket", DUCKDB_ID_BUCKET, description=""),
        macro("test_grain", "{% test grain(model) %}select 1{% endtest %}", description=""),
    ]
    groups = [named("group", word) for word in ("staging", "reference", "usage", "margin")]
    tests = [named("unit_test", "a_line_without_tenant_is_dropped")]
    manifest = {
        "metadata": {"project_name": NAME},
        "nodes": by_id(nodes),
        "macros": by_id([*macros, macro("at_home", "now()") | {"package_name": "dbt"}]),
        "groups": by_id(groups),
        "unit_tests": by_id(tests),
    }
    bucket = "{{ id_bucket('tenant_id') }} as tenant_bucket"
    files = {
        "models/columns.md": COLUMNS_MD,
        "models/groups.yml": "groups: []\n",
        "models/01_staging/catalogue/stg_catalogue__tenants.sql": sql("tenants", "tenant_id"),
        "models/01_staging/catalogue/_catalogue.yml": "models:\n"
        + described("stg_catalogue__tenants"),
        "models/02_reference/dim_tenants.sql": sql("stg_catalogue__tenants", "tenant_id", bucket),
        "models/02_reference/dim_tenants.yml": "models:\n"
        + described("dim_tenants", "tenant_id", "tenant_bucket"),
        "models/06_usage/int_usage__lines_read.py": LINES_READ_PY,
        "models/06_usage/int_usage__lines_read.yml": "models:\n"
        + described("int_usage__lines_read"),
        "models/06_usage/int_usage__lines_matched.sql": USAGE_SQL,
        "models/06_usage/int_usage__lines_matched.yml": "models:\n"
        + described("int_usage__lines_matched"),
        "models/14_margin/rpt_tenants.sql": sql("dim_tenants", "tenant_id"),
        "models/14_margin/rpt_tenants.yml": "models:\n" + described("rpt_tenants", "tenant_id"),
        "macros/periods.sql": LATER_OF,
        "macros/keys.sql": ID_BUCKET + DUCKDB_ID_BUCKET,
        "macros/_macros.yml": "macros: []  # later_of('a', 'b') in an example is no use\n",
    }
    return Project(manifest, files)


def by_id(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    return {node["unique_id"]: node for node in nodes}


def add(project: Project, section: str, node: Mapping[str, Any]) -> Project:
    """A copy with a node more, or with another node under the same id."""
    nodes = {**project.manifest[section], node["unique_id"]: node}
    return replace(project, manifest={**project.manifest, section: nodes})


def change(project: Project, unique_id: str, **facts: Any) -> Project:
    """A copy in which the manifest says something else about one node."""
    sections = {"group": "groups", "macro": "macros", "unit_test": "unit_tests"}
    section = sections.get(unique_id.split(".", maxsplit=1)[0], "nodes")
    return add(project, section, project.manifest[section][unique_id] | facts)


def write(project: Project, path: str, text: str) -> Project:
    """A copy in which a file has this text."""
    return replace(project, files={**project.files, path: text})


def edit(project: Project, path: str, old: str, new: str) -> Project:
    """A copy in which some text of a file is another."""
    assert old in project.files[path], f"{path} has no {old!r}"
    return write(project, path, project.files[path].replace(old, new))


def add_model(project: Project, path: str, access: str, text: str, *reads: str) -> Project:
    """A copy with a model more, a pair like the others."""
    node = model(path, access, *reads)
    pair = str(PurePosixPath(path).with_suffix(".yml"))
    project = write(add(project, "nodes", node), path, text)
    return write(project, pair, "models:\n" + described(node["name"]))

from pathlib import Path

from python_ext import statement_rows


def model(dbt, session):
    dbt.config(materialized="table")
    wanted = "source_folder in ('focus', 'cost_pools')"
    files = dbt.ref("stg_landing__files").filter(wanted).order("landed_file")
    names = [row[0] for row in files.select("landed_file").fetchall()]
    return statement_rows.read(session, Path(dbt.config.get("landing")), names)

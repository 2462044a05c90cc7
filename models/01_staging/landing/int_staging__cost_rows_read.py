from pathlib import Path

from python_ext import focus


def model(dbt, session):
    dbt.config(materialized="table")
    files = dbt.ref("stg_landing__files").filter("source_folder = 'focus'").order("landed_file")
    names = [row[0] for row in files.select("landed_file").fetchall()]
    return focus.read_rows(session, Path(dbt.config.get("landing")), names)

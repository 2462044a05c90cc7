from pathlib import Path

from python_ext import landing


def model(dbt, session):
    dbt.config(materialized="table")
    files = dbt.ref("stg_landing__files").filter(
        "source_folder = 'usage_events' and file_format = 'ndjson'"
    )
    names = [row[0] for row in files.order("landed_file").select("landed_file").fetchall()]
    return landing.read_lines(Path(dbt.config.get("landing")), names)

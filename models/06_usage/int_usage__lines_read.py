from pathlib import Path

from python_ext import landing


def model(dbt, session):
    dbt.config(materialized="table")
    files = dbt.ref("int_usage__files_pending").filter("file_format = 'ndjson'")
    names = [row[0] for row in files.order("landed_file").select("landed_file").fetchall()]
    return landing.read_lines(Path(dbt.config.get("landing")), names)

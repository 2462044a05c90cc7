from pathlib import Path

from python_ext import landing


def model(dbt, session):
    dbt.config(materialized="table")
    files = dbt.ref("stg_landing__files")
    files = files.filter("source_folder in ('locks', 'issued')").order("landed_file")
    names = [row[0] for row in files.select("landed_file").fetchall()]
    return landing.read_lines(Path(dbt.config.get("landing")), names)

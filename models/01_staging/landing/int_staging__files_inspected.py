from pathlib import Path

from python_ext import landing


def model(dbt, session):
    dbt.config(materialized="table")
    return landing.inspect(Path(dbt.config.get("landing")), dbt.config.get("as_of"))

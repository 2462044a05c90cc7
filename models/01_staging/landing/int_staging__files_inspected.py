from pathlib import Path

from python_ext import landing


def model(dbt, session):
    dbt.config(materialized="table")
    is_built = (dbt.this.identifier,) in session.sql("show tables").fetchall()
    ledger = session.table(str(dbt.this)).to_arrow_table() if is_built else None
    return landing.take_stock(Path(dbt.config.get("landing")), dbt.config.get("as_of"), ledger)

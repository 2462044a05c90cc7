from pathlib import Path

from python_ext import cost_pools, focus


def model(dbt, session):
    dbt.config(materialized="table")
    landing, names = Path(dbt.config.get("landing")), {"focus": [], "cost_pools": []}
    wanted = "source_folder in ('focus', 'cost_pools')"
    files = dbt.ref("stg_landing__files").filter(wanted).order("landed_file")
    for name, folder in files.select("landed_file, source_folder").fetchall():
        names[folder].append(name)
    pools = cost_pools.read_rows(landing, names["cost_pools"])
    pool_rows = focus.pa.RecordBatchReader.from_batches(focus.ROWS_SCHEMA, pools)
    rows = focus.read_rows(session, landing, names["focus"])
    return rows.union(session.from_arrow(pool_rows))

from python_ext import rating_tables


def model(dbt, session):
    dbt.config(materialized="table")
    lines = dbt.ref("int_rating__lines_pooled").to_arrow_table()
    tiers = dbt.ref("fct_plan_tiers").to_arrow_table()
    return rating_tables.pools_shared(lines, tiers)

from python_ext import rating_tables


def model(dbt, session):
    dbt.config(materialized="table")
    rebates = dbt.ref("dim_volume_rebates").to_arrow_table()
    months = dbt.ref("int_rating__months_rebated").to_arrow_table()
    return rating_tables.rebates_repriced(rebates, months)

from python_ext import margin_tables


def model(dbt, session):
    dbt.config(materialized="table")
    months = dbt.ref("int_margin__months_measured").to_arrow_table()
    return margin_tables.months_forecast(months)

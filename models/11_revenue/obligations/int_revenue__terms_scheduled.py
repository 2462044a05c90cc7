from python_ext import revenue_tables


def model(dbt, session):
    dbt.config(materialized="table")
    return revenue_tables.terms_scheduled(dbt.ref("int_revenue__terms_agreed").to_arrow_table())

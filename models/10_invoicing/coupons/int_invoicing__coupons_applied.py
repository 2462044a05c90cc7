from python_ext import invoicing_tables


def model(dbt, session):
    dbt.config(materialized="table")
    lines = dbt.ref("int_invoicing__coupons_matched").to_arrow_table()
    return invoicing_tables.coupons_applied(lines)

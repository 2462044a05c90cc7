from python_ext import invoicing_tables


def model(dbt, session):
    dbt.config(materialized="table")
    grants = dbt.ref("fct_wallet_grants").to_arrow_table()
    lines = dbt.ref("int_invoicing__lines_discounted").filter("wallet_timing = 'before_tax'")
    as_of = dbt.ref("dim_as_of").to_arrow_table()
    issued = dbt.ref("int_invoicing__credits_issued").to_arrow_table()
    return invoicing_tables.credits_before_tax(grants, lines.to_arrow_table(), issued, as_of)

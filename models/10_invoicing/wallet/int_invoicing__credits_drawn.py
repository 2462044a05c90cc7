from python_ext import invoicing_tables


def model(dbt, session):
    dbt.config(materialized="table")
    grants = dbt.ref("fct_wallet_grants")
    lines = dbt.ref("int_invoicing__lines_taxed")
    lines = lines.join(grants.aggregate("tenant_id"), "tenant_id", how="semi").to_arrow_table()
    issued = dbt.ref("int_invoicing__credits_issued").to_arrow_table()
    as_of = dbt.ref("dim_as_of").to_arrow_table()
    return invoicing_tables.credits_drawn(grants.to_arrow_table(), lines, issued, as_of)

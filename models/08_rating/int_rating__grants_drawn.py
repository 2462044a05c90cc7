from python_ext import rating_tables


def model(dbt, session):
    dbt.config(materialized="table")
    grants = dbt.ref("stg_catalogue__unit_grants").to_arrow_table()
    hours = dbt.ref("int_rating__hours_spent").filter("exceeding_quantity <> 0").to_arrow_table()
    as_of = dbt.ref("dim_as_of").to_arrow_table()
    return rating_tables.grants_drawn(grants, hours, as_of)

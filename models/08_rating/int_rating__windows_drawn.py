from python_ext import rating_tables


def model(dbt, session):
    dbt.config(materialized="table")
    commitments = dbt.ref("dim_time_of_day_commitments").to_arrow_table()
    hours = dbt.ref("int_rating__hours_committed").to_arrow_table()
    as_of = dbt.ref("dim_as_of").to_arrow_table()
    return rating_tables.windows_drawn(commitments, hours, as_of)

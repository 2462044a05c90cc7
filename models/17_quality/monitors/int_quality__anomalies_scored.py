from python_ext import anomalies


def model(dbt, session):
    dbt.config(materialized="table")
    series = dbt.ref("int_quality__series_measured").to_arrow_table()
    return anomalies.anomalies_scored(series)

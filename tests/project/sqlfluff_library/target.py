"""Lets sqlfluff expand macros that name dbt's target; dbt itself never reads this."""

database = "meterhouse"
schema = "main"

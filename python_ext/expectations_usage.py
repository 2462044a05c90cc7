"""What is expected of usage and metering."""

from python_ext import expectations_limits as limits
from python_ext.expectations import (
    Batch,
    Severity,
    Suite,
    each_between,
    each_in,
    median_between,
)
from python_ext.expectations_history import (
    DAYS_BEHIND,
    WEEKLY,
    Series,
    against_history,
    freshness,
)

ENVIRONMENTS = ("production", "staging", "development", "test", "sandbox")
ACTOR_TYPES = ("user", "service")

# The newest day is going on, and says nothing yet.
EVENT_DAYS = """
    select
        isodow(event_date) as weekday,
        event_date,
        count(*) as event_count,
        avg(cast(quantity = 0 as integer)) as zero_quantity_share,
        avg(cast(is_environment_assumed as integer)) as assumed_environment_share,
        avg(cast(is_correction as integer)) as correction_share
    from fct_usage_events
    where event_date < (select max(event_date) from fct_usage_events)
    group by event_date
"""
READING_MONTHS = """
    select
        meter_id,
        cast(date_trunc('month', period_start_at) as date) as reading_month,
        count(*) as reading_count,
        sum(quantity) / nullif(sum(event_count), 0) as quantity_per_event,
        avg(cast(quantity = 0 as integer)) as zero_quantity_share,
        avg(cast(sequence > 1 as integer)) as corrected_share
    from fct_meter_readings
    where is_current
    group by meter_id, reading_month
"""
# A window of a month is behind by a month before it is late.
READINGS_BEHIND = """
    select
        reading_window,
        max(period_end_at) as newest,
        cast(
            date_diff('hour', max(period_end_at), any_value(newest_event_at)) / 24
            - case reading_window when 'month' then 31 when '1d' then 1 else 0 end
            as double
        ) as days_behind
    from fct_meter_readings
    inner join (select distinct meter_id, reading_window from dim_meters) using (meter_id)
    cross join (select max(event_at) as newest_event_at from fct_usage_events)
    group by reading_window
"""


def _values(column: str) -> str:
    return f"""
        select {column}, count(*) as event_count
        from fct_usage_events
        where {column} is not null
        group by {column}
    """


USAGE = Suite(
    "usage",
    (
        freshness(
            "fct_usage_events",
            "max(event_at)",
            DAYS_BEHIND,
            each_between(
                "days_behind",
                limits.EVENT_DAYS_BEHIND,
                Severity.CRITICAL,
                "no usage of any tenant has come in for so many days",
            ),
        ),
        Batch(
            "fct_meter_readings_freshness",
            "fct_meter_readings",
            READINGS_BEHIND,
            ("reading_window", "newest"),
            (
                each_between(
                    "days_behind",
                    limits.READING_DAYS_BEHIND,
                    Severity.CRITICAL,
                    "readings stopped while events went on",
                ),
            ),
        ),
        Batch(
            "event_days",
            "fct_usage_events",
            against_history(
                Series(
                    EVENT_DAYS,
                    ("weekday",),
                    "event_date",
                    counts=("event_count",),
                    figures=(
                        "zero_quantity_share",
                        "assumed_environment_share",
                        "correction_share",
                    ),
                    at_least=limits.USUAL_ROWS,
                    step=WEEKLY,
                )
            ),
            ("event_date",),
            (
                each_between(
                    "event_count_ratio",
                    limits.EVENT_DAY_RATIO,
                    Severity.WARNING,
                    "events of a day against the same weekday of the weeks before, all tenants",
                ),
                each_between(
                    "zero_quantity_share",
                    limits.ZERO_QUANTITY_SHARE,
                    Severity.WARNING,
                    "a producer counts nothing, or in a unit too large",
                ),
                each_between(
                    "assumed_environment_share",
                    limits.ASSUMED_ENVIRONMENT_SHARE,
                    Severity.WARNING,
                    "events name no environment and are billed as production",
                ),
                each_between(
                    "correction_share",
                    limits.CORRECTED_SHARE,
                    Severity.WARNING,
                    "much of a day's usage takes back other usage",
                ),
            ),
        ),
        Batch(
            "reading_months",
            "fct_meter_readings",
            against_history(
                Series(
                    READING_MONTHS,
                    ("meter_id",),
                    "reading_month",
                    counts=("reading_count",),
                    figures=("quantity_per_event", "zero_quantity_share", "corrected_share"),
                    at_least=limits.USUAL_ROWS,
                )
            ),
            ("meter_id", "reading_month"),
            (
                each_between(
                    "reading_count_ratio",
                    limits.READING_MONTH_RATIO,
                    Severity.WARNING,
                    "readings of a meter against its months before",
                ),
                median_between(
                    "reading_count_ratio",
                    limits.READING_MONTH_MEDIAN_RATIO,
                    Severity.CRITICAL,
                    "most meters have fewer or more readings than usual",
                ),
                each_between(
                    "quantity_per_event_ratio",
                    limits.QUANTITY_PER_EVENT_RATIO,
                    Severity.WARNING,
                    "quantity of an event against the months before: a unit may have changed",
                ),
                each_between(
                    "zero_quantity_share",
                    limits.ZERO_QUANTITY_SHARE,
                    Severity.WARNING,
                    "a meter reads nothing where there were events",
                ),
                each_between(
                    "corrected_share",
                    limits.CORRECTED_SHARE,
                    Severity.WARNING,
                    "readings change after their window was read",
                ),
            ),
        ),
        Batch(
            "environments",
            "fct_usage_events",
            _values("environment"),
            ("environment",),
            (
                each_in(
                    "environment",
                    ENVIRONMENTS,
                    Severity.WARNING,
                    "plans and reports that name an environment pass over this one",
                ),
            ),
        ),
        Batch(
            "actor_types",
            "fct_usage_events",
            _values("actor_type"),
            ("actor_type",),
            (
                each_in(
                    "actor_type",
                    ACTOR_TYPES,
                    Severity.WARNING,
                    "meters of users or services pass over this kind of actor",
                ),
            ),
        ),
    ),
)
"""Usage events and meter readings."""

"""Monitors over whole warehouses: what they find, and what that does to a build."""

from pathlib import Path

from python_ext import catalogue
from python_ext.demo import write_demo
from python_ext.runner import Scope
from tests.scenarios.conftest import Warehouse, event

JUDGES = (
    "quality_monitors",
    "stg_catalogue__quality_monitors",
    "fct_quality_signals",
    "fct_quality_findings",
    "rpt_quality_scorecard",
)
JUDGED = Scope(select=JUDGES)
"""What another severity or threshold changes, with its checks."""

WATCHED = Scope(select=tuple(f"+{name}" for name in JUDGES), is_checked=False)
"""All that monitors look at."""

TRUE_OF_CLEAN_DATA = {
    "not_invoiced": "nobody issues an invoice in the demo",
    "silent_producer": "its usage ends five days before its last statement lands",
    "unpriced_usage": "a customer whose contract has ended still stores evidence",
}
"""Monitor -> why what it finds is there, though nothing was planted."""


def with_severity(warehouse: Warehouse, monitor: str, severity: str) -> Path:
    """The catalogue of the project, but for the severity of one monitor."""
    seeds, overlay = warehouse.settings.root / "seeds", warehouse.folder / "catalogue"
    overlay.mkdir(exist_ok=True)
    text = (seeds / "catalogue" / "quality_monitors.csv").read_text()
    assert f"\n{monitor},warn," in text
    text = text.replace(f"\n{monitor},warn,", f"\n{monitor},{severity},")
    (overlay / "quality_monitors.csv").write_text(text)
    return catalogue.lay_over(seeds, overlay, warehouse.settings.root / ".catalogue")


def test_the_catalogue_says_whether_a_finding_stops_a_build(warehouse: Warehouse) -> None:
    warehouse.land("landed=20260305T100000Z/a.ndjson", event("nothing", quantity=0), event("one"))
    warehouse.build(scope=WATCHED)
    warned = warehouse.build(scope=JUDGED)
    assert "no_finding_is_a_warning" in [warning.name for warning in warned.warnings]
    zero = "from fct_quality_findings where monitor = 'zero_quantity'"
    assert warehouse.query(f"select severity, subject_id, evidence {zero}") == [
        ("warn", "acme-robotics", "1 of 2 events, the first is nothing")
    ]

    stopped = warehouse.try_build(with_severity(warehouse, "zero_quantity", "error"), JUDGED)
    assert not stopped.success
    assert [failure.name for failure in stopped.failures] == ["no_finding_is_an_error"]

    warehouse.build(with_severity(warehouse, "zero_quantity", "off"), JUDGED)
    assert warehouse.query(f"select * {zero}") == []
    scored = warehouse.query("select distinct monitor from rpt_quality_scorecard")
    assert ("zero_quantity",) not in scored
    assert ("negative_quantity",) in scored


def test_clean_data_has_no_error_and_only_warnings_that_are_true(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    write_demo(warehouse.settings.landing, progress=False, clean=True)
    warehouse.build(scope=WATCHED)
    found = warehouse.query(
        "select severity, monitor, count(distinct subject_id) from fct_quality_findings"
        " group by severity, monitor order by monitor"
    )
    # The former customer's storage; one source of files is the services', one the connectors'.
    counts = {"not_invoiced": 12, "silent_producer": 2, "unpriced_usage": 1}
    assert found == [("warn", monitor, counts[monitor]) for monitor in TRUE_OF_CLEAN_DATA]

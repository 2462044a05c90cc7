"""Data without planted trouble: monitors cry at nothing that is not there."""

from pathlib import Path

from python_ext.demo import write_demo
from python_ext.runner import Scope
from tests.scenarios.conftest import Warehouse

TRUE_OF_CLEAN_DATA = {
    "not_invoiced": "nobody issues an invoice in the demo",
    "silent_producer": "its usage ends five days before its last statement lands",
    "unpriced_usage": "a customer whose contract has ended still stores evidence",
}
"""Monitor -> why what it finds is there, though nothing was planted."""


def test_clean_data_has_no_error_and_only_warnings_that_are_true(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    write_demo(warehouse.settings.landing, progress=False, clean=True)
    warehouse.build(scope=Scope(select=("+fct_quality_findings",)))
    found = warehouse.query(
        "select severity, monitor, count(distinct subject_id) from fct_quality_findings"
        " group by severity, monitor order by monitor"
    )
    # The former customer's storage; one source of files is the services', one the connectors'.
    counts = {"not_invoiced": 12, "silent_producer": 2, "unpriced_usage": 1}
    assert found == [("warn", monitor, counts[monitor]) for monitor in TRUE_OF_CLEAN_DATA]

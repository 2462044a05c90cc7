"""Random streams with copies, conflicts, lateness and corrections, split into batches at random."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from python_ext.runner import Scope
from tests.scenarios.conftest import Warehouse, event
from tests.scenarios.test_increments import READINGS, STAMPS

METERED = Scope(select=("+fct_meter_readings",), is_checked=False)
TENANTS = ("acme-robotics", "borealis-bank", "ember-games", "kestrel-media", "summit-internal")
KINDS = (
    ("companyos_core", "policy_decision"),
    ("companyos_core", "workflow_run"),
    ("platform", "component_inventory"),
    ("companyos_core", "evidence_written"),
)
CURRENT = (
    "select tenant_id, meter_id, dimensions_key, period_start_at, quantity, event_count,"
    " events_digest from fct_meter_readings where is_current and event_count > 0 order by all"
)

Line = tuple[int, dict[str, Any]]
"""The number of the batch, and the event."""


@st.composite
def lines(draw: st.DrawFn, tenant_id: str) -> Line:
    """An event of one of a few ids, so that copies, conflicts and corrections are frequent."""
    number = draw(st.integers(0, 7))
    category, kind = draw(st.sampled_from(KINDS))
    metadata = {
        "actor_type": "user",
        "actor_id": draw(st.sampled_from("xyz")),
        "bytes": draw(st.sampled_from((-500_000_000, 0, 1_000_000_000))),
    }
    if number >= 5:  # corrects one of the others, which themselves correct none
        metadata["corrects_event_id"] = f"{tenant_id}-{draw(st.integers(0, 4))}"
    hour = draw(st.sampled_from(("2026-02-03T10", "2026-02-03T11", "2026-03-01T00")))
    return draw(st.integers(0, 2)), event(
        f"{tenant_id}-{number}",
        tenant_id=tenant_id,
        category=category,
        type=kind,
        quantity=draw(st.sampled_from((-3, -1, 0, 1, 2.5, 3))),
        timestamp=f"{hour}:{draw(st.integers(0, 59)):02}:00Z",
        metadata=metadata,
    )


streams = st.tuples(*(st.lists(lines(tenant), min_size=4, max_size=24) for tenant in TENANTS))


@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(streams=streams, order=st.permutations((0, 1, 2)))
def test_any_split_and_any_order_of_arrival_give_the_readings_of_one_build(
    streams: tuple[list[Line], ...], order: list[int]
) -> None:
    batches = [[usage for stream in streams for at, usage in stream if at == n] for n in range(3)]
    with tempfile.TemporaryDirectory() as folder:
        parts, at_once, unsplit = (
            Warehouse(Path(folder) / name) for name in ("parts", "at_once", "unsplit")
        )
        for number in order:
            parts.land(f"landed={STAMPS[number + 1]}/a.ndjson", *batches[number])
            parts.build(scope=METERED)
        for number in range(3):
            at_once.land(f"landed={STAMPS[number + 1]}/a.ndjson", *batches[number])
        at_once.build(scope=METERED)
        assert parts.query(READINGS) == at_once.query(READINGS)

        unsplit.land(f"landed={STAMPS[3]}/a.ndjson", *batches[0], *batches[1], *batches[2])
        unsplit.build(scope=METERED)
        assert parts.query(CURRENT) == unsplit.query(CURRENT)

        assert parts.query(
            "select count(*) from (select sum(delta_quantity) as deltas,"
            " max_by(quantity, sequence) as quantity from fct_meter_readings group by"
            " tenant_id, meter_id, dimensions_key, period_start_at) where deltas <> quantity"
        ) == [(0,)]

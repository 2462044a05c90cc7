"""Cost statements as providers write them: all versions of FOCUS in one build, and said again."""

import csv
import gzip
import io
import itertools
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from python_ext.runner import Scope
from tests.scenarios.conftest import Warehouse, event

FIRST, SECOND = datetime(2026, 2, 5, 6), datetime(2026, 3, 5, 6)
NEVER = datetime(9999, 12, 31)
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
COST = Scope(
    select=(
        "+path:models/12_cost",
        "+rpt_cost_reconciliation",
        "+exc_focus_violations",
        "+exc_commitment_imbalances",
        "+exc_third_party_overages",
    )
)
BATCH = "landed=20260605T060000Z"
REAL, SYNTHETIC_2, SYNTHETIC_3 = (
    f"focus_{name}.csv.gz" for name in ("1.0_real_1000", "1.2_synthetic_500", "1.3_synthetic_500")
)
SPECIFICATION = "focus_spec_v1.2"
MAY = {
    "BillingAccountId": "b-1",
    "BillingCurrency": "USD",
    "BillingPeriodStart": datetime(2026, 5, 1, tzinfo=UTC),
    "BillingPeriodEnd": datetime(2026, 6, 1, tzinfo=UTC),
    "ChargePeriodStart": datetime(2026, 5, 1, tzinfo=UTC),
    "ChargePeriodEnd": datetime(2026, 6, 1, tzinfo=UTC),
    "ChargeCategory": "Usage",
    "ServiceCategory": "Compute",
    "ServiceName": "Compute of the edge",
    "ServiceProviderName": "Edge Cloud",
}


def charge(month: int, cost: str, **changes: str) -> dict[str, str]:
    """A row of AWS's statement for the policy engine in a month of 2026, billed in that month."""
    start, end = f"2026-{month:02}-01T00:00:00Z", f"2026-{month + 1:02}-01T00:00:00Z"
    return {
        "ProviderName": "AWS",
        "BillingAccountId": "1",
        "BillingCurrency": "USD",
        "BillingPeriodStart": start,
        "BillingPeriodEnd": end,
        "ChargePeriodStart": start,
        "ChargePeriodEnd": end,
        "ChargeCategory": "Usage",
        "ChargeClass": "",
        "ServiceName": "Amazon EC2",
        "ServiceCategory": "Compute",
        "BilledCost": cost,
        "EffectiveCost": cost,
        "Tags": '{"service": "policy-engine"}',
        **changes,
    }


def write(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """A CSV of `rows`, all with the columns of the first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def state(warehouse: Warehouse, at: datetime, name: str, *rows: Mapping[str, str]) -> Path:
    """Land a statement."""
    folder = warehouse.settings.landing / "focus" / f"landed={at:%Y%m%dT%H%M%SZ}"
    return write(folder / f"{name}.csv", rows)


def scenario(path: Path) -> list[dict[str, str]]:
    """A scenario of the specification, with the mandatory columns that it leaves out."""
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    added = {"ProviderName": path.stem, "BillingCurrency": "USD"}
    return [{**added, **row} for row in rows]


def call(event_id: str, month: int, quantity: int, **metadata: Any) -> dict[str, Any]:
    """A call of Acme's to the enrichment API, in a month of 2026."""
    return event(
        event_id,
        category="revops",
        type="external_api_call",
        timestamp=f"2026-{month:02}-10T10:00:00Z",
        quantity=quantity,
        metadata={"sku": "lumen-enrich", "env": "production", **metadata},
    )


def partial_upfront() -> list[dict[str, str]]:
    """A year at 1.00 an hour, half of it paid at once and half by the month, and used in full."""
    rows = []
    months = [f"2023-{month:02}-01T00:00:00Z" for month in range(1, 13)]
    for number, (start, end) in enumerate(itertools.pairwise([*months, "2024-01-01T00:00:00Z"])):
        days = datetime.fromisoformat(end) - datetime.fromisoformat(start)
        hours = days.days * 24
        row = {
            "ProviderName": "partial_upfront",
            "BillingCurrency": "USD",
            "BillingPeriodStart": start,
            "BillingPeriodEnd": end,
            "ChargePeriodStart": start,
            "CommitmentDiscountId": "c",
        }
        bought = {"ChargeCategory": "Purchase", "CommitmentDiscountStatus": "NULL"}
        if number == 0:
            once = {"ChargePeriodEnd": "2024-01-01T00:00:00Z", "ChargeFrequency": "One-Time"}
            rows.append({**row, **bought, **once, "BilledCost": "4380.00", "EffectiveCost": "0"})
        monthly = {"ChargePeriodEnd": end, "ChargeFrequency": "Recurring", "EffectiveCost": "0"}
        rows.append({**row, **bought, **monthly, "BilledCost": f"{hours * Decimal('0.50')}"})
        used = {"ChargeCategory": "Usage", "CommitmentDiscountStatus": "Used", "BilledCost": "0"}
        rows.append(
            {
                **row,
                **used,
                "ChargePeriodEnd": end,
                "ChargeFrequency": "Usage-Based",
                "EffectiveCost": f"{hours}.00",
            }
        )
    return rows


def parquet_of_1_4(path: Path) -> None:
    """FOCUS 1.4: no ProviderName, decimals with 12 places, instants, and tags as a map."""
    shared = [("service", "policy-engine"), ("cluster", "edge")]
    rows: list[dict[str, Any]] = [
        {**MAY, "BilledCost": Decimal("0.000000000007"), "Tags": shared},
        {**MAY, "BilledCost": Decimal("5.5"), "Tags": [*shared, ("tenant_id", "acme-robotics")]},
        {**MAY, "BilledCost": Decimal(0), "EffectiveCost": Decimal("1.25"), "Tags": shared}
        | {"CommitmentDiscountId": "c", "CommitmentDiscountStatus": "Unused"},
        {**MAY, "BilledCost": Decimal(2), "Tags": None, "x_team": "edge"},
    ]
    names = {**MAY, "CommitmentDiscountId": "", "CommitmentDiscountStatus": "", "x_team": ""}
    columns = {
        name: pa.array(
            [row.get(name) for row in rows],
            pa.timestamp("us", tz="UTC") if isinstance(example, datetime) else pa.string(),
        )
        for name, example in names.items()
    }
    for name in ("BilledCost", "EffectiveCost"):
        values = [row.get(name, row["BilledCost"]) for row in rows]
        columns[name] = pa.array(values, pa.decimal128(38, 12))
    columns["Tags"] = pa.array([row["Tags"] for row in rows], pa.map_(pa.string(), pa.string()))
    pq.write_table(pa.table(columns), path)


def costs_in(path: Path) -> list[Decimal]:
    """BilledCost of each row, as another reader than ours reads it."""
    if path.suffix == ".parquet":
        return list(pq.read_table(path).column("BilledCost").to_pylist())
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    return [Decimal(row["BilledCost"]) for row in csv.DictReader(io.StringIO(text))]


@pytest.fixture(scope="module")
def all_versions(
    tmp_path_factory: pytest.TempPathFactory, data_folder: Path
) -> Iterator[tuple[Warehouse, Path]]:
    """Every version of FOCUS and every scenario, landed at once and built with the catalogue as it
    is; with the folder in which they landed."""
    warehouse = Warehouse(tmp_path_factory.mktemp("statements"))
    folder = warehouse.settings.landing / "focus" / BATCH
    folder.mkdir(parents=True)
    for name in (REAL, SYNTHETIC_2, SYNTHETIC_3):
        shutil.copyfile(data_folder / name, folder / name)
    for path in sorted((data_folder / SPECIFICATION).glob("*.csv")):
        write(folder / path.name, scenario(path))
    write(folder / "partial_upfront.csv", partial_upfront())
    parquet_of_1_4(folder / "focus_1.4.parquet")
    warehouse.land(
        f"{BATCH}/events.ndjson",
        event("a", timestamp="2026-05-10T10:00:00Z", quantity=2),
        event("b", timestamp="2026-05-10T10:00:00Z", tenant_id="borealis-bank"),
    )
    warehouse.land(
        f"{BATCH}/pools.csv",
        "cost_month,cost_category,amount,currency_code,source,pool,tenant_id,note",
        "2026-05,support,90.000000000001,USD,,,,Shifts of the week",
        "2026-05-01,overhead,10,EUR,,,,",
        "2026-05,overhead,-1,EUR,,rent,,A refund",
        "2026-05,support,7,USD,Desk Co,,acme-robotics,",
        "May 2026,support,1,USD,,,,",
        '2026-05,support,"1,000",USD,,,,',
        "2026-05,support,0.0000000000001,USD,,,,",
        "2026-05,support,1,,,,,",
        folder="cost_pools",
    )
    warehouse.build(scope=COST)
    yield warehouse, folder


def test_the_real_statement_is_whole_to_the_last_decimal(
    all_versions: tuple[Warehouse, Path],
) -> None:
    warehouse, _ = all_versions
    real = f"landed_file like '%/{REAL}'"
    assert warehouse.query(
        "select provider, count(*), sum(billed_cost_amount) from fct_cost_statement_rows"
        f" where {real} and row_status = 'current' group by rollup (provider) order by 3"
    ) == [
        ("Oracle", 7, Decimal("0.537073924730")),
        ("Microsoft", 51, Decimal("1.976514185860")),
        ("AWS", 942, Decimal("18.006638618400")),
        (None, 1000, Decimal("20.520226728990")),
    ]
    assert warehouse.query(
        "select provider, reason, sum(source_row_count), sum(billed_cost_amount)"
        " from fct_unallocated_costs where cost_month = '2024-09-01' group by 1, 2 order by 1"
    ) == [
        ("AWS", "no_rule", 942, Decimal("18.006638618400")),
        ("Microsoft", "no_rule", 51, Decimal("1.976514185860")),
        ("Oracle", "no_rule", 7, Decimal("0.537073924730")),
    ]


def test_the_defects_of_the_real_statement_survive(all_versions: tuple[Warehouse, Path]) -> None:
    warehouse, _ = all_versions
    rows = f"fct_cost_statement_rows where landed_file like '%/{REAL}'"
    # Literal NULL is null; a tag survives as it was written; Id is no column of FOCUS and is kept.
    assert warehouse.query(
        "select count(charge_class), count(commitment_discount_id), count(tags),"
        f" count(json_extract_string(other_columns, '$.Id')) from {rows}"
    ) == [(0, 4, 711, 1000)]
    # No zone is UTC. Oracle's rows are all here, though their ContractedCost is null; the one of
    # another billing period stands in the month in which it was used.
    assert warehouse.query(
        "select provider, billing_period_start_at, count(*), min(cost_month), max(cost_month),"
        f" min(charge_period_start_at) from {rows} and provider = 'Oracle' group by 1, 2 order by 2"
    ) == [
        ("Oracle", datetime(2024, 9, 1), 6, *[date(2024, 9, 1)] * 2, datetime(2024, 9, 3, 23)),
        ("Oracle", datetime(2024, 10, 1), 1, *[date(2024, 9, 1)] * 2, datetime(2024, 9, 30, 22)),
    ]
    assert warehouse.query(
        "select provider, broken_rule, found_text, count(*) from exc_focus_violations"
        f" where landed_file like '%/{REAL}' and broken_rule not like '%_starts' group by all"
        " order by broken_rule"
    ) == [
        ("Oracle", "charge_frequency_in_wrong_case", "Usage-based", 7),
        (
            "Oracle",
            "period_outside_of_billing_period",
            "2024-09-30 22:00:00 to 2024-09-30 23:00:00",
            1,
        ),
    ]


def test_the_scenarios_of_the_specification_come_out_as_it_says(
    all_versions: tuple[Warehouse, Path],
) -> None:
    """Figures of FOCUS-usage_scenario_1, FOCUS-usage_scenario_3 and FOCUS-partial-upfront."""
    warehouse, _ = all_versions
    assert warehouse.query(
        "select provider, sum(billed_cost_amount) filter (where charge_category = 'Usage'),"
        " sum(effective_cost_amount) filter (where commitment_discount_status = 'Used'),"
        " sum(effective_cost_amount) filter (where commitment_discount_status = 'Unused'),"
        " sum(effective_cost_amount) filter (where charge_category = 'Purchase')"
        " from fct_cost_statement_rows"
        " where provider like 'commitment_discount_%' or provider = 'partial_upfront'"
        " group by 1 order by 1"
    ) == [
        ("commitment_discount_purchase_scenario_1", None, None, None, 0),
        ("commitment_discount_usage_scenario_1", 0, Decimal("1.00"), None, None),
        ("commitment_discount_usage_scenario_3", 0, Decimal("0.75"), Decimal("0.25"), None),
        ("partial_upfront", 0, Decimal("8760.00"), None, 0),
    ]
    assert warehouse.query(
        "select charge_frequency, sum(billed_cost_amount), sum(billed_cost_amount) / 12"
        " from fct_cost_statement_rows where provider = 'partial_upfront' group by 1 order by 1"
    ) == [("One-Time", 4380, 365), ("Recurring", 4380, 365), ("Usage-Based", 0, 0)]
    # Half of the term is used at its half, when all of the first half and half of the second are
    # paid for; at its end nothing is left.
    balances = warehouse.query(
        "select balance_month, purchased_cost_amount, used_cost_amount, prepaid_balance_amount"
        " from fct_commitment_balances where provider = 'partial_upfront' order by 1"
    )
    assert balances[0] == (date(2023, 1, 1), 4380 + 372, 744, 4008)
    assert balances[-1] == (date(2023, 12, 1), 372, 744, 0)
    assert warehouse.query(
        "select provider, reason, prepaid_balance_amount from exc_commitment_imbalances"
        " where provider like 'commitment_%' or provider = 'partial_upfront' order by 1"
    ) == [
        ("commitment_discount_purchase_scenario_1", "not_used_up", Decimal("8760.00")),
        ("commitment_discount_usage_scenario_1", "purchase_not_landed", Decimal("-1.00")),
        ("commitment_discount_usage_scenario_3", "purchase_not_landed", Decimal("-1.00")),
    ]
    # Unused rows are written with null for what they did not consume, and break no rule. 4/1/25 is
    # no instant, and could be two.
    assert warehouse.query(
        "select count(*) from exc_focus_violations where provider like 'commitment_%'"
    ) == [(0,)]
    assert warehouse.query(
        "select provider, reason, count(*) from fct_rejected_cost_rows"
        " where landed_file like '%/saas_%' group by 1, 2"
    ) == [("Acme Co", "bad_charge_period", 4)]


def test_commitments_of_the_synthetic_statements_are_used_or_run_out(
    all_versions: tuple[Warehouse, Path],
) -> None:
    warehouse, _ = all_versions
    assert warehouse.query(
        "select count(*), min(purchased_cost_amount), max(purchased_cost_amount),"
        " max(abs(prepaid_balance_amount)) from fct_commitment_balances"
        " where provider = 'AWS' and balance_month = '2026-05-01'"
    ) == [(81, Decimal("64.032"), Decimal("64.032"), 0)]


def test_a_parquet_of_the_newest_version_is_read_and_shared(
    all_versions: tuple[Warehouse, Path],
) -> None:
    """Edge Cloud: 0.000000000007 by 2 to 1 decisions, 5.5 of Acme, 1.25 unused, 2 that nobody
    knows."""
    warehouse, _ = all_versions
    assert warehouse.query(
        "select part.tenant_id, part.allocation_method, part.billed_cost_amount,"
        " part.effective_cost_amount from fct_cost_allocations as part"
        " inner join fct_cost_pools as pool using (cost_pool_id)"
        " where pool.provider = 'Edge Cloud' order by 1, 2"
    ) == [
        ("(idle)", "idle", 0, Decimal("1.25")),
        ("acme-robotics", "direct", Decimal("5.5"), Decimal("5.5")),
        ("acme-robotics", "shared", Decimal("0.000000000005"), Decimal("0.000000000005")),
        ("borealis-bank", "shared", Decimal("0.000000000002"), Decimal("0.000000000002")),
    ]
    assert warehouse.query(
        "select row.tags, json_extract_string(row.other_columns, '$.x_team'), row.rule_id,"
        " row.charge_period_end_at"
        " from fct_cost_statement_rows as row where row.billed_cost_amount = 2"
        " and row.provider = 'Edge Cloud'"
    ) == [(None, "edge", "(none)", datetime(2026, 6, 1))]


def test_pools_of_cost_are_statements_and_bad_rows_are_refused_with_reasons(
    all_versions: tuple[Warehouse, Path],
) -> None:
    warehouse, _ = all_versions
    pools = "landed_file like 'cost_pools/%'"
    assert warehouse.query(
        "select line_number, provider, reasons, billed_cost_text from fct_rejected_cost_rows"
        f" where {pools} order by 1"
    ) == [
        (5, "(internal)", "bad_charge_period", "1"),
        (6, "(internal)", "bad_billed_cost,bad_effective_cost", "1,000"),
        (7, "(internal)", "bad_billed_cost,bad_effective_cost", "0.0000000000001"),
        (8, "(internal)", "missing_currency", "1"),
    ]
    assert warehouse.query(
        "select provider, currency_code, cost_month, statement_billed_cost_amount,"
        " difference_billed_cost_amount, difference_effective_cost_amount"
        " from rpt_cost_reconciliation where provider in ('(internal)', 'Desk Co') order by 1, 2"
    ) == [
        ("(internal)", "EUR", date(2026, 5, 1), 9, 0, 0),
        ("(internal)", "USD", date(2026, 5, 1), Decimal("90.000000000001"), 0, 0),
        ("Desk Co", "USD", date(2026, 5, 1), 7, 0, 0),
    ]
    assert warehouse.query(
        "select part.tenant_id, part.effective_cost_amount from fct_cost_allocations as part"
        " inner join fct_cost_pools as pool using (cost_pool_id) where pool.provider = 'Desk Co'"
    ) == [("acme-robotics", 7)]
    assert warehouse.query(
        f"select line_number, other_columns from fct_cost_statement_rows where {pools} order by 1"
    ) == [
        (1, '{"note": "Shifts of the week"}'),
        (2, '{"note": null}'),
        (3, '{"note": "A refund"}'),
        (4, '{"note": null}'),
    ]


def test_nothing_is_lost_between_the_files_and_the_homes(
    all_versions: tuple[Warehouse, Path],
) -> None:
    warehouse, folder = all_versions
    assert warehouse.query(
        "select count(*) from rpt_cost_reconciliation"
        " where difference_billed_cost_amount <> 0 or difference_effective_cost_amount <> 0"
    ) == [(0,)]
    written = {path.name: costs_in(path) for path in folder.iterdir()}
    rows = sum(len(costs) for costs in written.values())
    assert rows == 1000 + 500 + 500 + 8 + 25 + 4
    assert warehouse.query(
        "select (select count(*) from fct_cost_statement_rows"
        "         where landed_file like 'focus/%' and row_status = 'current'),"
        " (select count(*) from fct_cost_statement_rows where row_status <> 'current'),"
        " (select count(*) from fct_rejected_cost_rows where landed_file like 'focus/%')"
    ) == [(rows - 24, 0, 24)]
    # Refused are four rows with days for instants and twenty with costs of more than 12 decimals.
    fitting = [
        cost
        for name, costs in written.items()
        for cost in costs
        if not name.startswith("saas_") and cost == round(cost, 12)
    ]
    assert len(fitting) == rows - 24
    homes = " + ".join(
        f"sum({home}_billed_cost_amount)" for home in ("direct", "allocated", "idle", "unallocated")
    )
    assert warehouse.query(
        f"select sum(statement_billed_cost_amount), {homes} from rpt_cost_reconciliation"
        " where provider not in ('(internal)', 'Desk Co')"
    ) == [(sum(fitting), sum(fitting))]
    assert warehouse.query(
        "select reason, count(*) from fct_rejected_cost_rows where landed_file like 'focus/%'"
        " group by 1 order by 1"
    ) == [("bad_billed_cost", 20), ("bad_charge_period", 4)]


@pytest.fixture(scope="module")
def stated_twice(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Statements of January and February 2026, the first landed in February and the second in
    March; Acme and Borealis decide 6 and 4 times in January, 1 and 9 in February."""
    warehouse = Warehouse(tmp_path_factory.mktemp("stated_twice"))
    warehouse.land(
        f"landed={SECOND:%Y%m%dT%H%M%SZ}/events.ndjson",
        *(
            event(
                f"{tenant}{month}",
                tenant_id=tenant,
                timestamp=f"2026-{month:02}-10T10:00:00Z",
                quantity=quantity,
            )
            for month, quantities in ((1, (6, 4)), (2, (1, 9)))
            for tenant, quantity in zip(("acme-robotics", "borealis-bank"), quantities, strict=True)
        ),
    )
    first_call = call("c1", 1, 100, cost_hint="0.012 EUR")
    warehouse.land(
        f"landed={SECOND:%Y%m%dT%H%M%SZ}/calls.ndjson",
        first_call,
        first_call,
        call("c2", 2, 5, cost_hint={"amount": "0.012", "currency": "EUR"}),
        call("c3", 2, -20, corrects_event_id="c1"),
        call("c4", 1, 1, cost_hint="12 cents"),
        call("c5", 1, 1, sku="other", cost_hint="EUR 1"),
    )
    lumen = {"ProviderName": "Lumen Data", "BillingCurrency": "EUR", "ConsumedUnit": "Lookups"}
    lumen |= {"ServiceName": "Lumen Enrichment API", "ConsumedQuantity": "90"}
    state(warehouse, FIRST, "lumen", charge(1, "1.08", **lumen))

    state(warehouse, FIRST, "aws", charge(1, "60"), charge(1, "40"))
    state(warehouse, SECOND, "aws", charge(1, "110"))
    # The same bytes twice in one batch are one statement, also where a newer one replaces.
    state(warehouse, SECOND, "aws_twice", charge(1, "110"))

    microsoft = {"ProviderName": "Microsoft"}
    state(warehouse, FIRST, "microsoft", charge(1, "30", **microsoft))
    among = charge(1, "2", **microsoft)
    state(warehouse, SECOND, "microsoft", *[charge(2, "1", **microsoft)] * 40, among)

    other = {"ProviderName": "Other Cloud"}
    first = state(warehouse, FIRST, "other", charge(1, "50", **other))
    state(warehouse, SECOND, "other", charge(1, "7", **other))
    again = state(warehouse, SECOND, "other_again", charge(1, "50", **other))
    assert again.read_bytes() == first.read_bytes()

    crediting = {"ProviderName": "Crediting Cloud", "BillingAccountId": "2"}
    start, end = "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"
    billed_later = {"BillingPeriodStart": start, "BillingPeriodEnd": end}
    state(warehouse, FIRST, "crediting", charge(1, "100", **crediting))
    state(
        warehouse,
        SECOND,
        "crediting",
        charge(2, "200", **crediting),
        charge(2, "-20", **crediting, ChargeCategory="Credit"),
        charge(1, "-10", **crediting, **billed_later, ChargeClass="Correction"),
    )
    warehouse.build(scope=COST)
    return warehouse


def test_a_newer_statement_takes_the_place_of_the_older_or_adds_to_it_as_its_provider_does(
    stated_twice: Warehouse,
) -> None:
    """January: AWS says 100, then 110 instead; Microsoft 30, and 2 more among its 40 rows of
    February; Other Cloud, which no rule knows, 50, 7 more, and 50 once again in the same bytes."""
    assert stated_twice.query(
        "select provider, driver_month, row_status, count(*), sum(billed_cost_amount),"
        " count(*) filter (where is_posted) from fct_cost_statement_rows"
        " where provider in ('AWS', 'Microsoft', 'Other Cloud')"
        " group by 1, 2, 3 order by 1, 2, 3"
    ) == [
        ("AWS", JANUARY, "copy", 1, 110, 0),
        ("AWS", JANUARY, "current", 1, 110, 1),
        ("AWS", JANUARY, "superseded", 2, 100, 0),
        ("Microsoft", JANUARY, "current", 2, 32, 2),
        ("Microsoft", FEBRUARY, "current", 40, 40, 40),
        ("Other Cloud", JANUARY, "copy", 1, 50, 0),
        ("Other Cloud", JANUARY, "current", 2, 57, 2),
    ]
    assert stated_twice.query(
        "select provider, landed_at, billing_month, statement_month, restatement, is_superseded,"
        " row_count, superseded_at from fct_cost_statements"
        " where provider in ('AWS', 'Microsoft') and landed_file not like '%twice%'"
        " order by 1, 2, 3"
    ) == [
        ("AWS", FIRST, JANUARY, JANUARY, "replace", True, 2, SECOND),
        ("AWS", SECOND, JANUARY, JANUARY, "replace", False, 1, NEVER),
        ("Microsoft", FIRST, JANUARY, JANUARY, "replace", False, 1, NEVER),
        ("Microsoft", SECOND, JANUARY, FEBRUARY, "replace", False, 1, NEVER),
        ("Microsoft", SECOND, FEBRUARY, FEBRUARY, "replace", False, 40, NEVER),
    ]
    assert stated_twice.query(
        "select restatement, is_superseded, count(*) from fct_cost_statements"
        " where provider = 'Other Cloud' group by all"
    ) == [("add", False, 3)]
    assert stated_twice.query(
        "select provider, cost_month, statement_billed_cost_amount, allocated_billed_cost_amount,"
        " difference_billed_cost_amount, difference_effective_cost_amount"
        " from rpt_cost_reconciliation where provider in ('AWS', 'Microsoft', 'Other Cloud')"
        " order by 1, 2"
    ) == [
        ("AWS", JANUARY, 110, 110, 0, 0),
        ("Microsoft", JANUARY, 32, 32, 0, 0),
        ("Microsoft", FEBRUARY, 40, 40, 0, 0),
        ("Other Cloud", JANUARY, 57, 57, 0, 0),
    ]


def test_credits_lower_the_cost_of_their_month_and_corrections_stand_where_they_are_billed(
    stated_twice: Warehouse,
) -> None:
    """Figures of N-correction: -10 of January, billed in February, are -6 and -4 as in January."""
    assert stated_twice.query(
        "select pool.cost_month, pool.driver_month, part.tenant_id, sum(part.billed_cost_amount),"
        " sum(part.effective_cost_amount) from fct_cost_allocations as part"
        " inner join fct_cost_pools as pool using (cost_pool_id)"
        " where pool.provider = 'Crediting Cloud' and part.billed_cost_amount <> 0"
        " group by 1, 2, 3 order by 1, 2, 3"
    ) == [
        (JANUARY, JANUARY, "acme-robotics", 60, 60),
        (JANUARY, JANUARY, "borealis-bank", 40, 40),
        (FEBRUARY, JANUARY, "acme-robotics", -6, -6),
        (FEBRUARY, JANUARY, "borealis-bank", -4, -4),
        (FEBRUARY, FEBRUARY, "acme-robotics", 18, 18),
        (FEBRUARY, FEBRUARY, "borealis-bank", 162, 162),
    ]
    assert (
        stated_twice.query(
            "select provider, broken_rule, count(*) from exc_focus_violations group by all"
        )
        == []
    )


def test_calls_are_compared_with_the_statement_of_whom_they_called(
    stated_twice: Warehouse,
) -> None:
    """January: 100 calls less 20 corrected later, hinted at 0.012 EUR, are 0.96 EUR, and Lumen Data
    bills 90 for 1.08; one call's hint cannot be read. February's 5 have no statement."""
    january = (JANUARY, "Lumen Data", "lumen-enrich")
    assert stated_twice.query(
        "select usage_month, provider, hint_sku, currency_code, event_count, hinted_quantity,"
        " hinted_cost_amount, consumed_quantity, billed_cost_amount, billed_unit_cost_amount"
        " from fct_third_party_costs order by 1, 2, 4"
    ) == [
        (JANUARY, "(none)", "other", "EUR", 1, 1, 1, None, 0, None),
        (*january, "(unknown)", 1, 1, None, None, 0, None),
        (*january, "EUR", 2, 80, Decimal("0.96"), 90, Decimal("1.08"), Decimal("0.012")),
        (FEBRUARY, *january[1:], "EUR", 1, 5, Decimal("0.06"), None, 0, None),
    ]
    assert stated_twice.query(
        "select usage_month, provider, hint_sku, currency_code, reason, difference_quantity,"
        " difference_cost_amount from exc_third_party_overages order by 1, 2, 5"
    ) == [
        (JANUARY, "(none)", "other", "EUR", "unknown_sku", None, -1),
        (*january, "(unknown)", "bad_hints", None, None),
        (*january, "EUR", "cost_exceeds_hints", 10, Decimal("0.12")),
        (*january, "EUR", "quantity_exceeds_hints", 10, Decimal("0.12")),
        (FEBRUARY, *january[1:], "EUR", "no_statement", None, Decimal("-0.06")),
    ]
    assert stated_twice.query(
        "select tenant_id, pack_id, bad_hint_text, bad_hint_count from fct_third_party_usage"
        " where currency_code = '(unknown)'"
    ) == [("acme-robotics", "revops", "12 cents", 1)]

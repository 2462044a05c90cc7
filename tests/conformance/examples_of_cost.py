"""More examples of the families of shared cost, and some that cannot be run."""

from typing import Any

from tests.conformance.cases import Case


def cost_case(family: str, expected: dict[str, Any], **inputs: Any) -> Case:
    return Case(
        case_id=f"{family} {expected} {inputs}",
        file="more.jsonl",
        family=family,
        is_of_model=False,
        params={},
        inputs=inputs,
        expected=expected,
        expected_unit="",
        notes="",
    )


CLUSTERS = {
    "eu": {
        "idle": {"cpu": "4", "gpu": "2"},
        "a": {"total": "10", "cpu": "3"},
        "b": {"cpu": "1"},
    },
    "us": {"idle": {"cpu": 1}, "b": {"total": "0.5", "cpu": "0.5"}},
}
INSTANCE = {"amortized_hourly": "8", "vcpu": 2, "mem_gb": 4}
OVER = {"a": "100", "b": "0.000001"}
DRIVERS = {"nov_drivers": {"a": 1, "b": 1}, "jan_drivers": {"b": 7}}
STAGES = {
    "X": "1.00",
    "X_to": {"Y": "0.5", "a": "0.25"},
    "Y": "2.00",
    "Y_to": {"Z": 1},
    "Z": "0.01",
    "Z_to": {"b": "1"},
}

MORE_OF_COST = [
    cost_case(
        "even", {"x": "33.34", "y": "33.33", "z": "33.33"}, cost=100, targets=["x", "y", "z"]
    ),
    cost_case("even", {"z": "-0.01", "y": "0.00"}, cost="-0.01", targets=["z", "y"]),
    cost_case("fixed", {"error": "percentages exceed 100"}, cost="1", pct=OVER),
    cost_case("fixed", {"error": "percentages exceed 100"}, cost="1", pct={"a": "100.5"}),
    # A ninth of a cent is the residue's.
    cost_case(
        "fixed",
        {"a": "0.13", "b": "0.02", "__unallocated__": "0.85"},
        cost="1.00",
        pct={"a": "12.5", "b": "2.1"},
    ),
    cost_case("proportional", {"a": "6.67", "b": "3.33"}, cost="10.00", direct={"a": "2", "b": 1}),
    cost_case(
        "usage_weighted",
        {"a": "0.04", "b": "0.03", "c": "0.03"},
        cost="0.10",
        usage={"a": "0.5", "b": "0.5", "c": "0.5"},
    ),
    cost_case("usage_weighted", {"__unallocated__": "9.00"}, cost="9.00", usage={"a": 0}),
    cost_case(
        "proportional_nonneg_weights",
        {"a": "0.00", "__unallocated__": "-5.00"},
        cost="-5.00",
        weights={"a": "-1"},
    ),
    cost_case(
        "proportional+largest_remainder",
        {"t1": "0.334", "t2": "0.333", "t3": "0.333"},
        cost="1",
        weights={"t1": 7, "t2": 7, "t3": 7},
        scale=3,
    ),
    cost_case(
        "composite_driver",
        {"a": "6.00", "b": "0.00", "__unallocated__": "4.00"},
        cost="10.00",
        elements=[
            {"AllocatedRatio": "0.6", "usage": {"a": 3}},
            {"AllocatedRatio": "0.4", "usage": {"b": 0}},
        ],
    ),
    cost_case(
        "credit_by_gross_share",
        {"a": "-3.00", "b": "-6.00", "net": {"a": "-2", "b": "-4.00"}},
        gross={"a": "1", "b": "2"},
        credit="-9",
    ),
    cost_case(
        "refund_full",
        {"a": "-15.00", "b": "-35.00"},
        original={"cost": "100.00", "alloc": {"a": 30, "b": "70.00"}},
        refund="-50.00",
    ),
    cost_case(
        "correction_prior_period",
        {"a": "-0.02", "b": "-0.01", "posted_in": "2026-01", "driver_period": "2025-11"},
        charge_period="2025-11",
        billing_period="2026-01",
        amount="-0.03",
        **DRIVERS,
    ),
    cost_case(
        "idle",
        {"opencost_idle": "40.00", "variance_line": "0.00"},
        asset_cost="100.00",
        allocated="60",
    ),
    cost_case(
        "idle_per_resource",
        {"__idle__": "27.00", "a": "3", "b": "6"},
        idle={"gpu": "27", "cpu": 9},
        weights={"gpu": {"a": 0}, "cpu": {"a": 1, "b": 2}},
    ),
    cost_case(
        "step_down", {"a": "0.25", "b": "2.51", "Y_after_X": "2.50", "Z_full": "2.51"}, **STAGES
    ),
    # 29 of 366 days, of which the last has not come.
    cost_case(
        "basis_choice",
        {
            "billed_basis": {"a": "366.00"},
            "billed_basis_total": "366.00",
            "effective_basis": {"a": "20.00"},
        },
        purchase={"date": "2024-02-10", "BilledCost": "366", "term_days": 366},
        usage={"a": "0.1"},
        month="2024-02",
    ),
    cost_case(
        "unused_commitment_owner",
        {"a": "1.125", "b": "0.375"},
        used={"a": "0.75", "b": "0.25"},
        unused="0.5",
        policy="spread by covered usage",
    ),
    cost_case(
        "commitment_amortization",
        {"EffectiveCost_used": "1.00", "EffectiveCost_unused": "0.00"},
        hourly_commit="1",
        eligible_usage="1.5",
    ),
    cost_case(
        "commitment_amortization_overage",
        {"standard": {"BilledCost": "0.00"}, "committed": {"EffectiveCost": "2.00"}},
        hourly_commit="2",
        usage_cost=2,
    ),
    cost_case(
        "commitment_purchase",
        {
            "one_time_BilledCost": "2196",
            "recurring_BilledCost_per_hour": "0.75",
            "recurring_per_month_avg": "549.00",
            "term_total": "8784.00",
        },
        term_hours=8784,
        hourly_commit="1.00",
        upfront_share="0.25",
    ),
    cost_case(
        "time_weighted_hourly",
        {"q1": "0.3334", "q2": "0.3333", "q3": "0.3333"},
        warehouse_credits_hour="0.5",
        rate="2",
        query_ms={"q1": 5, "q2": 5, "q3": 5},
    ),
    cost_case(
        "share_even",
        {"a": "2.505", "b": "3.505"},
        direct={"a": 1, "b": 2},
        shared={"x": "1.00", "y": "2.01"},
    ),
    cost_case(
        "share_weighted", {"a": "4", "__idle__": "3"}, direct={"a": 1}, shared={"x": 3}, idle=3
    ),
    cost_case(
        "overhead_weighted", {"a": "2.50", "b": "5"}, direct={"a": 1, "b": 2}, overhead="4.5"
    ),
    # Nothing but idle cost is of the graphics card, so nobody drives it.
    cost_case(
        "idle_weighted_per_cluster_per_resource",
        {"a": "13", "b": "3.5", "__unallocated__": "2"},
        **CLUSTERS,
    ),
    cost_case(
        "idle_weighted_then_overhead_weighted",
        {"a": "33", "b": "6.5", "__unallocated__": "2"},
        topology=CLUSTERS,
        overhead="23",
    ),
    cost_case(
        "idle_split_by_cluster",
        {"a": "10", "b": "1.50", "eu/__idle__": "6", "us/__idle__": "1"},
        topology=CLUSTERS,
    ),
    cost_case(
        "filter_with_separate_idle",
        {"b": "1.50", "__idle__": "2.00"},
        topology=CLUSTERS,
        filter="namespace=b",
        aggregate="namespace",
    ),
    # Of 8, 4 are for vCPU and 4 for memory.
    cost_case(
        "max(reserved,used)+unused_redistributed",
        {"a": {"split": "4.00", "unused": "2.00", "total": "6.00"}, "b": {"total": "2.00"}},
        instance=INSTANCE,
        weights={"vcpu": 2, "mem_gb": 1},
        allocated={
            "a": {"vcpu": 1, "mem_gb": 2},
            "b": {"vcpu": "0.333333333", "mem_gb": "0.666666667"},
        },
    ),
    cost_case(
        "precision",
        {"sum_then_round": "0.001", "round_then_sum": "0.002"},
        row_costs=["0.0005", "0.0005"],
        scale=3,
    ),
    cost_case("all", {"invariant": "the parts are the statement"}, pool="any"),
]
WRONG_OF_COST = [
    (
        cost_case("fixed", {"error": "percentages exceed 100"}, cost="1", pct={"a": "70", "b": 30}),
        "error: expected 1, got 0",
    ),
    (
        cost_case(
            "even", {"a": "33.33", "b": "33.33", "c": "33.34"}, cost=100, targets=["a", "b", "c"]
        ),
        "a: expected 33.33, got 33.34",
    ),
    (
        cost_case(
            "idle",
            {"opencost_idle": "0.00", "variance_line": "0.00"},
            asset_cost="100",
            allocated="110",
        ),
        "variance_line: expected 0, got -10",
    ),
    # Nobody is given what nobody drives.
    (cost_case("usage_weighted", {"a": "9.00"}, cost="9", usage={"a": 0}), "a: expected 9, got 0"),
]
REFUSED_OF_COST = [
    (cost_case("fixed", {"a": "1"}, cost="1", pct=OVER), "exceed 1: 1.00000001"),
    (
        cost_case(
            "step_down", {"a": "1"}, A="1", A_to={"B": 1}, B="1", B_to={"A": "0.5", "a": "0.5"}
        ),
        "cost would come back to where it was",
    ),
]
UNREACHABLE_OF_COST = [
    (cost_case("even", {"a": 1}, cost=1, targets=5), "targets is not a list"),
    (cost_case("even", {}, cost=1, targets=["a"]), "nothing is expected"),
    (cost_case("even", {"a": 1}, cost="one", targets=["a"]), "cost is not a number: 'one'"),
    (cost_case("fixed", {"a": 1}, cost=1), "pct is not an object of numbers"),
    (cost_case("usage_weighted", {"d": 1}, cost=1, usage={"a": 1}), "no comparison for expected d"),
    (
        cost_case("usage_weighted", {"a": 1}, cost=1, weights={"a": 1}, tie_break="last"),
        "to the first of equal tenants",
    ),
    (cost_case("usage_weighted", {"a": 1}, cost=1, usage={"a": 1}, scale=13), "up to 12 decimals"),
    (
        cost_case("usage_weighted", {"a": 1}, cost="0.001", usage={"a": 1}, scale=2),
        "more decimals than the parts",
    ),
    (cost_case("composite_driver", {"a": 1}, cost=1, elements=[1]), "an element is not an object"),
    (cost_case("refund_full", {"a": 1}, refund=1), "original is not an object"),
    (
        cost_case("correction_prior_period", {"a": 1}, amount=1, charge_period="Jan"),
        "charge_period is not a month: 'Jan'",
    ),
    (cost_case("idle", {"a": 1}, asset_cost=1, allocated=1), "an idle cost and a variance"),
    (cost_case("step_down", {"a": 1}, X=1), "a department has its cost"),
    (
        cost_case("commitment_purchase", {"x": 1}, term_hours=1, hourly_commit=1, upfront_share=1),
        "no whole months from a January on have 1 hours",
    ),
    (
        cost_case(
            "commitment_purchase", {"x": 1}, term_hours=8760, hourly_commit=1, upfront_share=1
        ),
        "no comparison for expected x",
    ),
    (
        cost_case("commitment_amortization_overage", {"x": 1}, hourly_commit=2, usage_cost="1.99"),
        "no usage beyond the commitment",
    ),
    (
        cost_case(
            "basis_choice",
            {"effective_basis_total": 1},
            purchase={"date": "2024-01-31", "BilledCost": 1, "term_days": 9},
            month="2024-02",
        ),
        "a purchase of another month",
    ),
    (cost_case("basis_choice", {"a": 1}), "purchase is not an object"),
    (
        cost_case("unused_commitment_owner", {"a": 1}, used={"a": 1}, unused=1, policy="lottery"),
        "nobody's or spread, not lottery",
    ),
    (cost_case("idle_split_by_cluster", {"a": 1}, topology="OC-0"), "no case is named OC-0"),
    (cost_case("idle_split_by_cluster", {"a": 1}, eu=1), "eu is no cluster"),
    (
        cost_case("filter_with_separate_idle", {"a": 1}, topology=CLUSTERS, filter="label=a"),
        "a filter names a namespace",
    ),
    (
        cost_case("filter_with_separate_idle", {"a": 1}, topology=CLUSTERS, filter="namespace=a"),
        "not by None",
    ),
    (
        cost_case("overhead_weighted", {"a": 1}, direct={"a": 1}, overhead_hourly=1, hours=745),
        "the hours are not those of a month",
    ),
    (
        cost_case("max(reserved,used)+unused_redistributed", {"a": 1}, instance=INSTANCE),
        "the case has an instance",
    ),
    (
        cost_case(
            "max(reserved,used)+unused_redistributed",
            {"a": 1},
            instance=INSTANCE,
            allocated={"a": {"vcpu": 1, "gpu": 1}},
        ),
        "each asks for vcpu and mem_gb",
    ),
    (cost_case("precision", {"a": 1}, row_costs=[1], scale=2), "before and after the sum"),
    (cost_case("all", {"a": 1}, pool="any"), "an invariant of any pool"),
    (cost_case("currency_then_allocate", {"a": 1}), "converted as it is"),
    (cost_case("unit_cost", {"a": 1}), "no price is worked out"),
]

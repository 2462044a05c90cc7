"""The published examples pass, other examples of their families too, and wrong ones do not."""

import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from io import StringIO
from pathlib import Path
from re import fullmatch
from typing import Any

import pytest
from rich.console import Console

from python_ext.errors import MeterhouseError
from tests.conformance import __main__ as command
from tests.conformance.cases import Case, read_cases
from tests.conformance.examples_of_cost import (
    MORE_OF_COST,
    REFUSED_OF_COST,
    UNREACHABLE_OF_COST,
    WRONG_OF_COST,
)
from tests.conformance.examples_of_recurring import MORE_OF_RECURRING, UNREACHABLE_OF_RECURRING
from tests.conformance.families import NOT_ANSWERED
from tests.conformance.run import Answer, Outcome, run
from tests.conformance.scene import OutOfScopeError
from tests.conformance.translate import translate

COUNTS = {
    "aggregation.jsonl": 42,
    "allocation.jsonl": 44,
    "invoicing.jsonl": 70,
    "rating.jsonl": 117,
    "saas.jsonl": 33,
}
OUT_OF_SCOPE = {
    "AWS-SCAD-UNIT": "no price is worked out",
    "S-reciprocal": "cost would come back to where it was",
    "flex-agg-001": "conflicting_duplicate",
    "om-credit-007": "not taken from a grant that begins later",
    "om-credit-008": "not taken from a grant that begins later",
    "NRR-annualise": "measured over its twelve months",
    "VAR": "units are not budgeted",
}
IN_WORDS = ("M-FIXED-OVER", "C-conservation", "CAPGO-trunc", "FT-react-unreachable")
NOT_IN_THE_INPUT = "CM-churn"
"""What it loses is only in what is expected, and so never wrong."""

CERTAIN = (
    "breakdown rows",
    "conserved",
    "movements",
    "movements of the last month",
)
"""Figures that stay right where what is expected is not."""


def case(family: str, expected: str, unit: str = "quantity", **fields: Any) -> Case:
    return Case(
        case_id=f"{family} {expected} {fields}",
        file="more.jsonl",
        family=family,
        is_of_model=True,
        params=fields.pop("params", {}),
        inputs=fields,
        expected={"amount": expected},
        expected_unit=unit,
        notes="",
    )


TIERS = [{"up_to": "5", "per_unit": "0", "flat": "1"}, {"up_to": None, "per_unit": "3"}]
BLOCKS = [{"block_size": 10, "max_blocks": 2, "price_per_block": "3"}]
OF_CHARGES = [
    case("graduated", "4", "major", params={"tiers": [TIERS[1], TIERS[0]]}, quantity=6),
    case(
        "graduated",
        "0",
        "major",
        params={"tiers": TIERS, "flat_fee_on_zero_usage": False},
        quantity="0",
    ),
    # Beyond the last tier, which the catalogue holds open.
    case(
        "graduated", "22", "minor", params={"tiers": [{"up_to": 1, "unit_price": 0.11}]}, quantity=2
    ),
    case(
        "volume_progressive_delta",
        "30",
        "minor",
        params={"tiers": [{"up_to": 10, "per_unit": 30}, {"per_unit": 25}], "currency": "jpy"},
        from_exclusive="9",
        to_inclusive="12",
    ),
    case(
        "volume_with_spend_bounds",
        "7",
        "major",
        params={"tiers": TIERS, "min_spend": "2", "max_spend": 7},
        quantity="100",
    ),
    case("stairstep", "9", "major", params={"steps": [{"up_to": 1, "price": 9}]}, quantity=1),
    case(
        "package",
        "400",
        "minor",
        params={"package_size": "10", "amount": 2, "free_units": 5, "round": "floor"},
        quantity=29,
    ),
    case("package", "8", "major", params={"package_size": 3, "min_spend": 8}, quantity=4),
    case("standard", "0.000123", "major", params={"per_unit": "0.000123"}, quantity=1),
    case("standard_min_spend", "3.5", "major", params={"per_unit": 1, "min_spend": 3.5}, units=2),
    # 30 of 100 are free; 70 at 1 % and 0.25 for the event that is not wholly free.
    case(
        "percentage",
        "0.95",
        "major",
        params={"rate_percent": 1, "fixed_amount_per_event": 0.25, "free_amount": 30},
        total=100,
        events_count=2,
        running_total_free_window=[20],
    ),
    case("percentage", "0", "major", params={"rate_percent": 5, "free_events": 9}, total="7"),
    case(
        "percentage_min_max_per_event",
        "3.5",
        "major",
        params={"rate_percent": 10, "max_per_event": 3, "min_per_event": None},
        events=[5, "1000"],
    ),
    case("bps", "105", "minor", params={"bps": "10"}, transaction_amounts=["50", 1000]),
    case("dynamic_multiplier", "7.501", "major", params={"currency": "BHD"}, amount_in="7.5005"),
    case(
        "currency_exponent",
        "0.0002",
        "major",
        params={"per_unit": "0.00015", "currency": "CLF"},
        quantity=1,
    ),
    # At the source, units beyond the last tier are free where all tiers count.
    case("blocks_all_tiers", "6", "major", params={"tiers": BLOCKS}, quantity="21"),
    case("blocks_top_tier", "9", "major", params={"tiers": BLOCKS}, quantity="21"),
    case(
        "late_usage_delta",
        "5",
        "major",
        params={"A": BLOCKS, "policy": "TOP_TIER"},
        A=21,
        already_billed=4,
    ),
    case(
        "commitment_overage",
        "8",
        "major",
        params={"per_unit": 2, "commit_amount": "100", "true_up": False},
        quantity="4",
    ),
    case(
        "windowed_commitment",
        "27",
        "major",
        params={"per_unit": 1, "commit_per_window": 10, "overage_factor": "1.4", "window": "day"},
        window_quantities=["15", 3],
    ),
    case(
        "unit_conversion_standard",
        "12.5",
        "major",
        params={"per_unit": "2.5", "divide_by": "0.4", "rounding": "floor"},
        quantity="2.3",
    ),
    case(
        "graduated_progressive_delta",
        "3",
        "major",
        params={"tiers": TIERS},
        pre_line_quantity=5,
        line_quantity=1,
    ),
    case(
        "graduated_progressive_delta",
        "1",
        "major",
        params={"tiers": TIERS},
        pre_line_quantity=0,
        line_quantity=1,
    ),
    case(
        "minimum_commitment_true_up",
        "530",
        "minor",
        params={"commitment_minor": 1000, "base_fee_minor": "150"},
        days_billed=4,
        days_in_period=5,
        charge_fees_minor=150,
    ),
    # 10 of 31 days: a minimum of 1.00, 0.32 and 10 % of it.
    case(
        "charge_minimum_true_up",
        "35",
        "minor",
        params={"min_amount_minor": 100, "per_unit": 0, "tax_rate_percent": 10},
        quantity=7,
        days=[10, 31],
    ),
    case("bucketed_volume", "1", "major", params={"tiers": TIERS}, bucket_values=[5]),
]
OF_FEES = [
    case("flat_prorated", "5", "major", params={"amount": "10"}, days=[50, 100]),
    case("flat_prorated", "0.01", "major", params={"amount": "0.01"}, days=[1, 2]),
    # A half goes to the even neighbour: 0.005 of 0.01.
    case(
        "flat_prorated",
        "0",
        "minor",
        params={"amount_minor": 1, "rounding": "half_even"},
        days=[15, 30],
    ),
    case(
        "flat_prorated",
        "29",
        "major",
        params={"amount": 365, "interval": "yearly", "billing_time": "anniversary"},
        started="2023-03-01",
        terminated="2023-03-29",
        period=["2023-02-15", "2024-02-14"],
    ),
    case(
        "flat_prorated",
        "3",
        "major",
        params={"amount": 7, "interval": "weekly", "billing_time": "calendar"},
        started="2024-05-10",
        period=["2024-05-06", "2024-05-12"],
    ),
    # By the second the days are those of the zone's clock, here of equal length.
    replace(
        case(
            "plan_change_proration",
            "5",
            "major",
            params={"strategy": "second_based", "old": "10", "new": "20"},
            change="2023-04-16",
            period=["2023-04-01", "2023-04-30"],
        ),
        expected={"amount": "5", "credit": "-5", "charge": "10"},
    ),
    # 0.005 is credited as 0.01, and charged as 0.02.
    case(
        "plan_change_proration",
        "0.01",
        "major",
        params={"old": "0.01", "new": "0.03"},
        days=[15, 30],
    ),
    case(
        "recurring_unit_prorated_in_advance",
        "300000",
        "minor",
        params={"per_unit": "31", "currency": "KWD", "days_in_period": 31},
        added="2024-08-02",
        units=10,
    ),
    case("recurring_unit_full", "7.5", "major", params={"per_unit": "2.5"}, units="3"),
    case(
        "recurring_unit_prorated_termination",
        "58",
        "minor",
        params={"per_unit": "0.58"},
        terminated="2024-02-29",
    ),
    # Midnight of the zone is passed twice, though the clock was set back in between.
    case(
        "calendar_days_in_timezone",
        "2",
        "days",
        params={"timezone": "Europe/Berlin"},
        start_utc="2024-10-26T21:59",
        end_utc="2024-10-27T23:00",
    ),
    case(
        "calendar_days_in_timezone",
        "731",
        "days",
        params={"timezone": "Asia/Kolkata"},
        start_utc="2024-01-01T18:29:59",
        end_utc="2025-12-31T18:30:00",
    ),
]
OF_TOTALS = [
    case(
        "coupons_sequential",
        "0.9",
        "major",
        params={"coupons": [["pct", "10"], ["fixed", "0.9"]]},
        subtotal="2",
    ),
    # A coupon of half a fils is rounded away from zero.
    case(
        "coupons_sequential",
        "1",
        "minor",
        params={"coupons": [["pct", 25]], "currency": "KWD"},
        subtotal_minor=2,
    ),
    case(
        "coupon_then_tax",
        "93",
        "minor",
        params={"coupons": [["fixed", 20, "metrics b"]], "tax_percent_by_fee": {"a": 10, "b": 0}},
        fees_minor={"a": 75, "b": 30},
    ),
    case(
        "coupons_scoped",
        "5",
        "major",
        params={"coupons": [["pct", 100, "plan"], ["pct", 50, "metric"]]},
        fees={"plan": 6, "metric": 4},
        subtotal=13,
    ),
    case("discount_then_tax", "0", "major", params={"discount": 9, "rate_percent": 50}, subtotal=5),
    # 2.5 yen
    case(
        "tax_percentage",
        "3",
        "major",
        params={"rate_percent": 25, "currency": "JPY"},
        taxable="10",
    ),
    # 0.625 and 0.125: each by itself 0.63 and 0.13, together 0.75
    case(
        "tax_multiple_rates",
        "0.76",
        "major",
        params={"rates_percent": [5, 1], "round": "each tax"},
        taxable="12.50",
    ),
    case("tax_multiple_rates", "0.75", "major", params={"rates_percent": [5, 1]}, taxable="12.50"),
    case(
        "rounding_conflict_sum_of_items",
        "33",
        "minor",
        params={"tax_rate_percent": 5, "round_at": "item"},
        fees_minor=[10, 10, 10],
    ),
    case(
        "rounding_conflict_invoice_total",
        "32",
        "minor",
        params={"tax_rate_percent": 5, "round_at": "invoice"},
        fees_minor=[10, 10, 10],
    ),
    replace(
        case("penny_allocation", "7", "minor", params={"total_minor": 7}, weights=["3", 0, "0.5"]),
        expected={"amount": "7", "parts": ["6", "0", "1"]},
    ),
    replace(
        case(
            "prepaid_credits_after_tax",
            "2",
            "major",
            params={"per_unit": 5, "tax_rate_percent": 20, "wallet_before": 10},
            quantity=2,
        ),
        expected={"amount": "2", "gross": "12", "credit_used": "10", "wallet_after": "0"},
    ),
    case("prepaid_credits_cap", "6", "minor", params={"wallet_minor": 0}, fee_precise_minor=["6"]),
    replace(
        case(
            "wallet_fee_type_restriction",
            "7",
            "minor",
            params={"wallet_minor": 5, "allowed": ["a", "b"]},
            fees={"a": 2, "b": 3, "c": 7},
        ),
        expected={"amount": "7", "credit": "5"},
    ),
    case(
        "credit_cap",
        "40",
        "major",
        params={"original_paid": "100.5", "previous_credits": "60.5"},
        potential_credit="41",
    ),
    replace(
        case(
            "credit_note_partial",
            "1331",
            "minor",
            params={"invoice_net_minor": 5000, "tax_rate_percent": 10},
            credit_net_minor=1210,
        ),
        expected={"amount": "1331", "net": "1210", "tax": "121"},
    ),
    replace(
        case(
            "credit_burn_down",
            "5",
            "major",
            params={"grants": [{"id": "x", "amount": 9, "recurs": "daily"}]},
            usage=4,
        ),
        expected={"amount": "5", "x": "5", "unit": "balance x on day 1"},
    ),
]

MORE = [
    # Half of 29 days, and a quarter of a second more.
    case(
        "agg_weighted_sum",
        "500000.09978",
        params={"unit": "seconds", "initial_value": "1000000"},
        events=[["2024-02-15T12:00:00.250", "-1000000"]],
        period=["2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"],
    ),
    # 30 days that are no month, and what came before them is in the initial value.
    case(
        "agg_weighted_sum",
        "-1",
        params={"initial_value": "-2"},
        events=[["2024-01-25 10:00", "2"], ["2024-01-02", "100"]],
        period=["2024-01-10T10:00:00", "2024-02-09T10:00:00"],
    ),
    case(
        "weighted_sum_standard",
        "75",
        "minor",
        params={"per_unit": "0.5", "currency_exponent": 0, "initial_value": "100"},
        events=[["2025-04-16T00:00:00", "100"]],
        period=["2025-04-01T00:00:00", "2025-04-30T23:59:59"],
    ),
    # 30 of 28 days.
    case(
        "agg_unique_count_prorated",
        "1.072",
        params={"days_in_period": 28, "rounding": "ceil to 3 dp"},
        active_days_per_interval=[24, 6, 0],
    ),
    case(
        "agg_sum_prorated",
        "0.49",
        params={"days_in_period": 28, "rounding": "floor to 2 dp"},
        carry_in="-2",
        events_value_remaining_days=[["10", 7], ["3", 0], ["-0.001", 1]],
    ),
    case("agg_latest", "-2", events=[["2020-02-28T23:00:00-05:00", "-2"], ["2020-02-28", "7"]]),
    case("agg_latest", "7", events=[["2020-02-28T23:00:00", "2"], ["2020-03-01T00:00:00", "7"]]),
    case("agg_latest", "2", events=[["10:00:00.5", "2"], ["10:00", "7"], ["09:59", "9"]]),
    case("agg_latest", "0", events=[]),
    case("agg_latest_standard", "17", "minor", params={"per_unit": "0.333"}, values=["9", "0.5"]),
    case("agg_max", "-3.25", values=["-4", "-3.25"]),
    case("agg_max", "0", values=[]),
    case("agg_unique_count", "0", values=[]),
    case("agg_count_distinct_id", "1", events=["a", "a", "a"]),
    # Copies that do not differ count once, whichever is kept.
    case("agg_sum_dedup_last", "8.5", events=[["a", "5.0"], ["b", "3.5"], ["a", "5"]]),
    case("agg_percentile_nearest_rank", "30", params={"percentile": "50"}, samples=[50, 10, 30]),
    case("agg_percentile_nearest_rank", "999", params={"percentile": 99.9}, samples="1..1000"),
    case("rounding_function", "-124", params={"function": "floor"}, quantity="-123.5"),
    case("rounding_function", "-130", params={"function": "round", "precision": -1}, quantity=-125),
    case("bucketed_standard", "2.015", "major", params={"per_unit": "0.65"}, bucket_values=["3.1"]),
    case(
        "agg_bucketed_max_then_graduated",
        "10",
        "major",
        params={"tiers": TIERS, "bucket": "day"},
        events=[["2024-02-28T23:00", "2"], ["2024-02-28T01:00", "1"], ["2024-03-01T00:00", "6"]],
    ),
    # 2 and 6 by themselves: 1, and 1 + 3.
    case(
        "agg_bucketed_max_then_graduated",
        "5",
        "major",
        params={"tiers": TIERS, "bucket": "day", "tiers_applied": "per bucket"},
        events=[["2024-02-28T23:00", "2"], ["2024-02-28T01:00", "1"], ["2024-03-01T00:00", "6"]],
    ),
    *MORE_OF_COST,
    *MORE_OF_RECURRING,
    *OF_CHARGES,
    *OF_FEES,
    *OF_TOTALS,
]
UNREACHABLE = [
    *UNREACHABLE_OF_COST,
    *UNREACHABLE_OF_RECURRING,
    (
        case("coupons_sequential", "1", params={"coupons": [["bogo", "1"]]}, subtotal=2),
        "fixed or of a percentage, not bogo",
    ),
    (
        case("coupons_sequential", "1", params={"coupons": [["pct", 1, "metrics a"]]}, subtotal=2),
        "does not say which fees are of metrics a",
    ),
    (
        case("tax_multiple_rates", "1", params={"rates_percent": [1], "round": "day"}, taxable=1),
        "rounded once for invoice, line or tax, not for day",
    ),
    (
        case("penny_allocation", "1", params={"total_minor": 1, "method": "bankers"}, weights=[1]),
        "parts are split by largest remainder",
    ),
    (
        case(
            "credit_burn_down",
            "80",
            params={"grants": [{"id": "g", "amount": 50}]},
            usage_before=20,
            usage_after=0,
        ),
        "is not taken from a grant that begins later",
    ),
    (case("threshold_billing", "1"), "none is issued when usage reaches an amount"),
    (
        case("flat_prorated", "1", "major", params={"amount": "1"}, days=[7, 97]),
        "no interval can be parted into 7 of 97 days",
    ),
    (
        case(
            "flat_prorated",
            "1",
            "major",
            params={"amount": "1"},
            period=["2024-01-01", "2024-01-09"],
        ),
        "2024-01-01 to 2024-01-10 is no interval that is billed",
    ),
    (
        case("plan_change_proration", "1", "major", params={"old": 1, "new": 2}, days=[30, 30]),
        "a plan that changes with a period",
    ),
    (
        case(
            "plan_change_proration",
            "1",
            "major",
            params={"old": 1, "new": 2, "strategy": "second_based"},
            change="2024-03-15T12:00:00Z",
            period=["2024-03-01", "2024-03-31"],
        ),
        "a plan changes at midnight",
    ),
    (
        case("recurring_unit_full", "1", "major", params={"per_unit": 1}, units="1.5"),
        "units is not a whole number",
    ),
    (case("astrology", "1"), "no translator for family astrology"),
    (replace(case("x", "1"), is_of_model=False), "more.jsonl is worked by hand"),
    (
        case("agg_weighted_sum", "1", events=[], period=["2024-01-01", "2024-01-07"]),
        "no calendar month has 7 days",
    ),
    (
        case("agg_sum_prorated", "1", params={"days_in_period": 365}),
        "no calendar month has 365 days",
    ),
    (case("agg_max", "1", values=["0.1234567891"]), "at most 13 digits before and 9 after"),
    (case("agg_max", "1", "days", values=["1"]), "an amount in days"),
    (case("agg_max", "1", values="many"), "the input has no list values"),
    (case("agg_latest", "1", events=[["noon", "1"]]), "not a time: 'noon'"),
    (
        replace(case("agg_max", "1", values=["1"]), expected={"breakdown": []}),
        "no comparison for expected breakdown",
    ),
    (
        case("currency_exponent", "1", "major", params={"per_unit": 1, "rounding": "half_even"}),
        "there is no option half_even",
    ),
    (case("standard", "1", "major", params={"per_unit": "1", "currency": "$"}), "not a currency"),
    (case("standard", "1", "major", quantity=1), "per_unit is not a number: None"),
    (case("graduated", "1", "major", params={"tiers": []}, quantity=1), "there are no tiers"),
    (
        case("graduated", "1", "major", params={"tiers": TIERS, "tier_edges": "exclusive"}),
        "tier_edges is exclusive",
    ),
    (
        case("package", "1", "major", params={"package_size": 2, "round": "sideways"}),
        "packages are rounded up or down, not sideways",
    ),
    (
        case("percentage", "1", "major", params={"rate_percent": 1}, total=9, events_count=0),
        "do not add up to the total",
    ),
    (
        case("commitment_overage", "1", "major", params={"per_unit": 1}, quantity=1),
        "either of an amount or of a quantity",
    ),
    (
        case("windowed_commitment", "1", "major", params={"window": "week"}, window_quantities=[]),
        "of an hour or a day, not week",
    ),
    (
        case("minimum_commitment_true_up", "1", "minor", days_billed=90, days_in_period=365),
        "no calendar month can be parted into 90 of 365 days",
    ),
    (
        case(
            "charge_minimum_true_up",
            "1",
            "minor",
            params={"min_amount_minor": 1, "per_unit": 1, "prorated": False},
            terminated="2023-02-25",
        ),
        "prorated by day",
    ),
    (
        replace(
            case("standard", "1", "major", params={"per_unit": 1}, quantity=1),
            expected={"breakdown": [{"tier": 1, "colour": 1}]},
        ),
        "no comparison for colour of a breakdown",
    ),
]
REFUSED = case(
    "bucketed_standard", "-1", params={"per_unit": "-1"}, bucket_values=["1"], unit="major"
)


def shifted(published: Case) -> Case:
    """The case with every expected figure off by one in the last place it is written with."""
    expected = {name: _moved(value) for name, value in published.expected.items()}
    return replace(published, case_id=f"wrong {published.case_id}", expected=expected)


def _moved(value: Any) -> Any:
    if isinstance(value, list):
        return [_moved(row) for row in value]
    if isinstance(value, dict):
        return {name: v if name == "tier" else _moved(v) for name, v in value.items()}
    if fullmatch(r"\d{4}-\d\d", str(value)):
        return f"{int(value[:4]) + 1}{value[4:]}"
    try:
        amount = Decimal(value)
    except (InvalidOperation, TypeError):
        return value  # a word that says what the figures are of
    return str(amount + Decimal(1).scaleb(max(int(amount.as_tuple().exponent), -9)))


def is_in_words(published: Case) -> bool:
    """Whether what is expected has no figure that could be another one."""
    is_same = shifted(published).expected == published.expected
    return is_same or published.case_id == NOT_IN_THE_INPUT


@pytest.fixture(scope="module")
def published(data_folder: Path) -> list[Case]:
    """Those of revenue are tested on rows of their own, in tests/oracle."""
    cases = read_cases(data_folder / "conformance")
    return [case for case in cases if case.file != "revenue.jsonl"]


@pytest.fixture(scope="module")
def answered(published: list[Case]) -> list[Case]:
    """Those of the published cases that the models answer as published."""
    built = [case for case in published if case.family not in NOT_ANSWERED]
    return [case for case in built if case.case_id not in OUT_OF_SCOPE]


@pytest.fixture(scope="module")
def outcome(published: list[Case], answered: list[Case]) -> Outcome:
    """All cases of these tests, through one build."""
    wrong = [shifted(case) for case in answered if not is_in_words(case)]
    of_cost = [case for case, _ in (*WRONG_OF_COST, *REFUSED_OF_COST)]
    return run([*published, *MORE, REFUSED, *of_cost, *wrong], Console(file=StringIO()))


def chosen(answers: list[Answer], cases: list[Case]) -> list[str]:
    ids = {case.case_id for case in cases}
    return sorted(answer.case.case_id for answer in answers if answer.case.case_id in ids)


def test_the_published_examples_pass_or_are_out_of_scope_for_a_reason(
    published: list[Case], answered: list[Case], outcome: Outcome
) -> None:
    assert Counter(case.file for case in published) == COUNTS
    assert chosen(outcome.passed, published) == sorted(case.case_id for case in answered)
    assert chosen(outcome.failed, published) == []
    reasons = {case.case_id: reason for case, reason in outcome.out_of_scope if case in published}
    not_answered = {case.case_id for case in published if case.family in NOT_ANSWERED}
    assert set(reasons) == set(OUT_OF_SCOPE) | not_answered
    assert all(text in reasons[case_id] for case_id, text in OUT_OF_SCOPE.items())


@pytest.mark.parametrize("more", MORE, ids=lambda case: case.family)
def test_other_examples_of_a_family_pass(more: Case, outcome: Outcome) -> None:
    (answer,) = (answer for answer in outcome.answers if answer.case is more)
    assert answer.is_right, answer.found


def test_a_wrong_amount_is_a_failure_with_expected_and_got(
    answered: list[Case], outcome: Outcome
) -> None:
    wrong = {f"wrong {case.case_id}" for case in answered if not is_in_words(case)}
    failed = [answer for answer in outcome.failed if answer.case.case_id in wrong]
    assert len(failed) == len(wrong) == len(answered) - len((*IN_WORDS, NOT_IN_THE_INPUT))
    figures = [found for answer in failed for found in answer.found]
    assert all(
        (figure.amount == got) == (figure.name in CERTAIN or figure.amount is None)
        for figure, got in figures
    )
    lines = command.report(outcome)
    line = "failed: wrong lago-wsum-008 (agg_weighted_sum) amount: expected 1.0027, got 1.00269"
    assert line in lines
    assert lines[-2] == f"{len(outcome.out_of_scope)} out of scope"
    passed, not_passed = len(answered) + len(MORE), len(wrong) + len(WRONG_OF_COST)
    assert lines[-1] == f"{passed} passed, {not_passed} failed"


@pytest.mark.parametrize(("wrong", "told"), WRONG_OF_COST, ids=lambda value: str(value)[:40])
def test_cost_that_goes_to_others_is_a_failure(wrong: Case, told: str, outcome: Outcome) -> None:
    (answer,) = (answer for answer in outcome.failed if answer.case is wrong)
    assert f"failed: {wrong.case_id} ({wrong.family}) {told}" in command.report(outcome)
    assert all(figure.name != "conserved" or got == 0 for figure, got in answer.found)


@pytest.mark.parametrize(("refused", "rule"), REFUSED_OF_COST, ids=lambda value: str(value)[:40])
def test_rules_that_give_away_too_much_or_go_round_are_refused(
    refused: Case, rule: str, outcome: Outcome
) -> None:
    (reason,) = (reason for case, reason in outcome.out_of_scope if case is refused)
    assert reason.startswith("the catalogue refuses it: ")
    assert rule in reason


def test_clusters_are_those_of_the_case_that_is_named(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    lines = [
        {"id": "mine", "method": "x", "input": {"eu": {"a": {"cpu": 1}}}, "expected": {}},
        *(
            {"id": f"of {name}", "method": "x", "input": {"topology": name}, "expected": {}}
            for name in ("mine", "OC-3a", "unknown")
        ),
    ]
    file.write_text("\n".join(map(json.dumps, lines)))
    _, mine, published, unknown = (case.inputs for case in read_cases(file))
    assert mine["topology"] == {"eu": {"a": {"cpu": 1}}}
    assert set(published["topology"]) == {"cluster1", "cluster2"}
    assert unknown["topology"] == "unknown"


def test_the_checks_of_the_project_hold_on_these_rows(outcome: Outcome) -> None:
    assert outcome.failed_checks == []


def test_what_the_catalogue_refuses_is_left_out_with_its_rule(outcome: Outcome) -> None:
    (reason,) = (reason for case, reason in outcome.out_of_scope if case is REFUSED)
    assert reason == "the catalogue refuses it: unit_price is zero or more, found -1"


@pytest.mark.parametrize(("unreachable", "reason"), UNREACHABLE, ids=lambda value: str(value)[:40])
def test_what_cannot_be_run_says_why(unreachable: Case, reason: str) -> None:
    with pytest.raises(OutOfScopeError, match=reason):
        translate(unreachable)


def test_a_period_may_be_written_as_days_or_as_stamps() -> None:
    for period in (
        ["2023-04-01", "2023-04-30"],
        ["2023-04-01", "2023-05-01"],
        ["2023-04-01T00:00:00", "2023-05-01T00:00:00"],
        ["2023-04-01T00:00:00Z", "2023-04-30T23:59:59.999Z"],
    ):
        scene = translate(case("agg_weighted_sum", "0", events=[], period=period))
        assert scene.month.isoformat() == "2023-04-01"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ('{"id": "a"', "line 2: not a JSON object"),
        ("[]", "line 2: a case is a JSON object"),
        ('{"id": "a", "model": "agg_max", "input": {}}', "line 2: a case lacks expected"),
        ('{"id": "a", "input": {}, "expected": {}}', "line 2: a case lacks model"),
        (
            '{"id": "a", "model": "agg_max", "input": [], "expected": {}, "params": 1}',
            "params is a JSON object",
        ),
        ("", "no case is found"),
    ],
)
def test_input_that_cannot_be_used_ends_with_file_line_and_rule(
    line: str, rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(f"\n{line}\n")
    assert command.main([str(file)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {file}")
    assert rule in err


def test_a_missing_path_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(MeterhouseError, match="there is no such file or folder"):
        read_cases(tmp_path / "none")
    assert command.main([str(tmp_path / "none")]) == 2
    assert command.main([]) == 2
    assert "one file or folder is expected" in capsys.readouterr().err


@pytest.mark.parametrize(("is_right", "code"), [(True, 0), (False, 1)])
def test_the_exit_code_says_whether_all_passed(
    is_right: bool,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "cases.jsonl"
    line = {"id": "a", "model": "agg_max", "input": {"values": ["1"]}, "expected": {"amount": "1"}}
    file.write_text(json.dumps(line))

    def ran(cases: list[Case], console: Console) -> Outcome:
        scene = translate(cases[0])
        got = Decimal("1.000000000") if is_right else None
        return Outcome([Answer(cases[0], scene, ((scene.figures[0], got),))])

    monkeypatch.setattr(command, "run", ran)
    assert command.main([str(file)]) == code
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == ("1 passed, 0 failed" if is_right else "0 passed, 1 failed")

"""Worked examples of revenue recognition that others published, through the models."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.revenue_books import compiled
from tests.oracle.revenue_examples import METHODS, NOT_GIVEN, OUT_OF_SCOPE, netted

FILE = Path(__file__).parents[1] / "data" / "conformance" / "revenue.jsonl"
EXAMPLES = [json.loads(line) for line in FILE.read_text().splitlines()]
ANSWERED = [example for example in EXAMPLES if example["method"] not in OUT_OF_SCOPE]


@pytest.fixture(scope="module")
def models() -> Mapping[str, str]:
    return compiled()


def differences(expected: Any, got: Any, name: str) -> list[str]:
    """What differs, by name. A shorter list is expected of the first months only."""
    if isinstance(expected, dict):
        return [
            each
            for key, value in expected.items()
            if key not in NOT_GIVEN
            for each in differences(value, got.get(key, "nothing"), f"{name}.{key}")
        ]
    if isinstance(expected, list):
        padded = [*(got.values() if isinstance(got, dict) else got), *[Decimal(0)] * len(expected)]
        return [
            each
            for place, value in enumerate(expected)
            for each in differences(value, padded[place], f"{name}[{place}]")
        ]
    if got == "nothing" or Decimal(str(expected)) != got:
        return [f"{name}: expected {expected}, got {got}"]
    return []


@pytest.mark.parametrize("example", ANSWERED, ids=lambda example: example["id"])
def test_a_published_example_comes_out_as_published(
    models: Mapping[str, str], example: Mapping[str, Any]
) -> None:
    expected, figures = example["expected"], METHODS[example["method"]](models, example["input"])
    if "Revenue" in expected and "Net" in figures:
        expected = netted(expected)
    assert differences(expected, figures, example["id"]) == []


def test_each_example_is_answered_or_out_of_scope_for_a_reason() -> None:
    methods = {example["method"] for example in EXAMPLES}
    assert methods <= METHODS.keys() | OUT_OF_SCOPE.keys()
    assert not METHODS.keys() & OUT_OF_SCOPE.keys()
    assert (len(EXAMPLES), len(ANSWERED)) == (53, 41)

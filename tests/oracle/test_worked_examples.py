"""The oracle agrees with every worked example that others published."""

from pathlib import Path

import pytest

from tests.conformance.cases import Case, read_cases
from tests.conformance.scene import Column
from tests.conformance.translate import translate
from tests.oracle.scenes import NOT_RATING, figure, ratings

ELSEWHERE: tuple[Column, ...] = (*NOT_RATING, "step price", "step flat", "free")
"""Figures that the oracle does not state: prices as the catalogue has them, and other chapters."""

CASES = read_cases(Path(__file__).parent.parent / "data" / "conformance" / "rating.jsonl")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.case_id)
def test_a_published_example_is_rated_as_published(case: Case) -> None:
    scene = translate(case)
    found = ratings(scene)
    expected = [wanted for wanted in scene.figures if wanted.column not in ELSEWHERE]
    for wanted in expected:
        got = figure(scene, found, wanted.column, wanted.tier)
        assert wanted.amount == got, wanted.name
    assert expected or case.family == "charge_minimum_true_up"


def test_most_figures_are_compared() -> None:
    columns = [figure.column for case in CASES for figure in translate(case).figures]
    compared = [column for column in columns if column not in ELSEWHERE]
    assert (len(CASES), len(columns), len(compared)) == (117, 356, 257)

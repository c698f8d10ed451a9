"""A government's figure against the sum of its bodies': verdicts, and what could explain a gap exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from archive.assessment.figures import Figure, FigureState
from archive.assessment.measures import measures
from archive.assessment.rollup import RollUp, RollUpCell, RollupPart, is_slip, roll_up
from tests.case_tables import read_cases

NAME = "applications.received.total"


def figure(text: object) -> Figure:
    """A figure as a case gives it: a number, or why there is none."""
    if isinstance(text, str) and text.isalpha():
        return Figure(value=None, state=FigureState(text))
    return Figure(value=Decimal(str(text)), state=FigureState.PRINTED)


def rolled(own: object, figures: Sequence[object], kind: str = "count") -> RollUpCell:
    parts = [RollupPart(f"ws/{at}", figure(one)) for at, one in enumerate(figures, 1)]
    return roll_up(replace(measures()[NAME], kind=kind), figure(own), parts)


@pytest.mark.parametrize(("own", "figures", "verdict", "gap"), read_cases(__file__, "verdicts"))
def test_a_blank_is_never_zero_and_a_sum_says_no_more_than_it_knows(
    own: object, figures: Sequence[object], verdict: str, gap: int | str
) -> None:
    found = rolled(own, figures)
    assert (found.verdict, "" if found.gap is None else found.gap) == (verdict, gap)


def test_amounts_fit_within_their_rounding_and_counts_exactly() -> None:
    assert rolled("10.01", ["3.33", "6.67"], "amount").verdict is RollUp.FITS
    assert rolled("10.02", ["3.33", "6.67"], "amount").verdict is RollUp.SHORT
    assert rolled("10.01", ["3.33", "6.67"], "count").verdict is RollUp.SHORT


@pytest.mark.parametrize(("own", "figures", "how", "agency", "meant"), read_cases(__file__, "candidates"))
def test_one_wrong_figure_that_would_close_the_gap_is_a_candidate(
    own: int, figures: Sequence[object], how: str, agency: str, meant: object
) -> None:
    found = [one for one in rolled(own, figures).candidates if one.how == how]
    assert [(one.agency, one.meant) for one in found] == [(agency or None, meant)]


@pytest.mark.parametrize(("printed_as", "meant", "slip"), read_cases(__file__, "slips"))
def test_slips_of_a_pen(printed_as: str, meant: str, slip: bool) -> None:
    assert is_slip(Decimal(printed_as), Decimal(meant)) is slip


def test_small_gaps_and_many_candidates_explain_nothing() -> None:
    assert rolled(12, [5, 4]).candidates == ()
    many = rolled(100, [20, 20, 20, 20, 20, 20])
    assert (many.candidates, many.more) == ((), 7)  # each of the six, and 120 for 100

"""A government's figure against the sum of its bodies': verdicts, and what could explain a gap exactly."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from archive.assessment.figures import Figure, FigureState
from archive.assessment.rollup import (
    CellRollUp,
    Explained,
    RollUp,
    RollupPart,
    is_slip,
    roll_up,
)
from tests.case_tables import read_cases


def printed(value: object) -> Figure:
    return Figure(value=Decimal(str(value)), state=FigureState.PRINTED)


def without(state: FigureState = FigureState.MISSING) -> Figure:
    return Figure(value=None, state=state)


def rolled(own: object, figures: Sequence[object], kind: str = "count") -> CellRollUp:
    parts = [
        RollupPart(f"ws/{at}", one if isinstance(one, Figure) else printed(one)) for at, one in enumerate(figures, 1)
    ]
    return roll_up("a.b", kind, own if isinstance(own, Figure) else printed(own), parts)


@pytest.mark.parametrize(
    ("own", "figures", "verdict", "gap"),
    [
        (12, [5, 7], RollUp.FITS, 0),
        (12, [5, 7, without()], RollUp.FITS, 0),
        (12, [5, without()], RollUp.GAP, 7),
        (12, [5, 4], RollUp.SHORT, 3),
        (12, [5, 8], RollUp.EXCEEDS, -1),
        (12, [without()], RollUp.UNKNOWN, None),
        (without(FigureState.BLANK), [5, 8], RollUp.UNKNOWN, None),
        (12, [5, 8, without(FigureState.WITHHELD)], RollUp.UNKNOWN, None),
        (0, [without(FigureState.BLANK), 0], RollUp.FITS, 0),
    ],
)
def test_a_blank_is_never_zero_and_a_sum_says_no_more_than_it_knows(
    own: object, figures: list[object], verdict: RollUp, gap: int | None
) -> None:
    found = rolled(own, figures)
    assert (found.verdict, found.gap) == (verdict, gap)


def test_amounts_fit_within_their_rounding_and_counts_exactly() -> None:
    assert rolled("10.01", ["3.33", "6.67"], "amount").verdict is RollUp.FITS
    assert rolled("10.02", ["3.33", "6.67"], "amount").verdict is RollUp.SHORT
    assert rolled("10.01", ["3.33", "6.67"], "count").verdict is RollUp.SHORT


@pytest.mark.parametrize(
    ("own", "figures", "how", "agency", "meant"),
    [
        (100, [60, 40, 25], Explained.LEFT_OUT, "ws/3", 0),
        (140, [60, 40], Explained.TWICE, "ws/2", 80),
        (1560, [60, 150], Explained.SLIP, "ws/2", 1500),
        (190, [60, 103], Explained.SLIP, "ws/2", 130),
        (1018, [621, 270, 190], Explained.OWN_SLIP, None, 1081),
    ],
)
def test_one_wrong_figure_that_would_close_the_gap_is_a_candidate(
    own: int, figures: list[object], how: Explained, agency: str | None, meant: int
) -> None:
    found = [one for one in rolled(own, figures).candidates if one.how is how]
    assert [(one.agency, one.meant) for one in found] == [(agency, meant)]


@pytest.mark.parametrize(("printed_as", "meant", "slip"), read_cases(__file__, "slips"))
def test_slips_of_a_pen(printed_as: str, meant: str, slip: bool) -> None:
    assert is_slip(Decimal(printed_as), Decimal(meant)) is slip


def test_small_gaps_and_many_candidates_explain_nothing() -> None:
    assert rolled(12, [5, 4]).candidates == ()
    many = rolled(100, [20, 20, 20, 20, 20, 20])
    assert (many.candidates, many.more) == ((), 7)  # each of the six, and 120 for 100

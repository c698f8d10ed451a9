"""A government's figure against the sum of its bodies': verdicts, and what could explain a gap exactly."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from archive.assessment.figures import Figure, FigureState
from archive.assessment.rollup import (
    CellRollUp,
    Explained,
    Part,
    RollUp,
    explanation,
    is_slip,
    rolled_up,
    sentence,
    suspects,
)

NAMES = {f"ws/{at}": f"第{at}局" for at in range(9)}


def printed(value: object) -> Figure:
    return Figure(value=Decimal(str(value)), state=FigureState.PRINTED)


def without(state: FigureState = FigureState.MISSING) -> Figure:
    return Figure(value=None, state=state)


def rolled(own: object, figures: Sequence[object], kind: str = "count") -> CellRollUp:
    parts = [Part(f"ws/{at}", one if isinstance(one, Figure) else printed(one)) for at, one in enumerate(figures, 1)]
    return rolled_up("a.b", kind, own if isinstance(own, Figure) else printed(own), parts)


@pytest.mark.parametrize(
    ("own", "figures", "verdict", "gap"),
    [
        (12, [5, 7], RollUp.FITS, 0),
        (12, [5, 7, without()], RollUp.FITS, 0),
        (12, [5, without()], RollUp.GAP, 7),
        (12, [5, without(FigureState.BLANK)], RollUp.GAP, 7),
        (12, [5, 4], RollUp.SHORT, 3),
        (12, [5, 8], RollUp.EXCEEDS, -1),
        (12, [5, 8, without()], RollUp.EXCEEDS, -1),
        (12, [without()], RollUp.UNKNOWN, None),
        (12, [], RollUp.UNKNOWN, None),
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


def test_a_signed_figure_that_lacks_leaves_both_ways_open() -> None:
    assert rolled(3, [5, without()], "signed_count").verdict is RollUp.GAP
    assert rolled(3, [5], "signed_count").verdict is RollUp.EXCEEDS


def test_amounts_fit_within_their_rounding_and_counts_exactly() -> None:
    assert rolled("10.01", ["3.33", "6.67"], "amount").verdict is RollUp.FITS
    assert rolled("10.02", ["3.33", "6.67"], "amount").verdict is RollUp.SHORT
    assert rolled("11", ["3", "7"], "amount").verdict is RollUp.SHORT
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


@pytest.mark.parametrize(
    ("printed_as", "meant", "slip"),
    [
        ("123", "132", True),  # two changed places
        ("123", "128", True),  # one wrong
        ("123", "1230", True),  # one lost at the end
        ("1123", "123", True),  # one too many
        ("25", "250000", True),  # 元 for 万元
        ("2.5", "25000", False),  # below ten tells nothing
        ("123", "321", False),
        ("123", "123", False),
        ("12.5", "125", True),  # the point lost
        ("-12", "12", False),
    ],
)
def test_slips_of_a_pen(printed_as: str, meant: str, slip: bool) -> None:
    assert is_slip(Decimal(printed_as), Decimal(meant)) is slip


def test_small_gaps_and_many_candidates_explain_nothing() -> None:
    assert rolled(12, [5, 4]).candidates == ()
    many = rolled(100, [20, 20, 20, 20, 20, 20])
    assert (many.candidates, many.more) == ((), 7)  # each of the six, and 120 for 100


def test_one_report_left_out_shows_in_all_its_figures() -> None:
    cells = [rolled(100, [60, 40, 25]), rolled(200, [150, 50, 31]), rolled(10, [5, 5, 0]), rolled(50, [20, 10, 20])]
    (first,) = suspects(cells)
    assert (first.how, first.agency, first.closes, first.gaps) == (Explained.LEFT_OUT, "ws/3", 2, 2)


def test_every_verdict_has_its_words_in_both_languages() -> None:
    many = rolled("1.50", ["0.5", *[without()] * 5], "amount")
    cells = [
        (rolled(12, [5, 7]), "政府报告为12，2份报告之和为12，相符。"),
        (rolled(12, [without()]), "没有一份报告有该数字，无从比较（政府报告为12）。"),
        (rolled(without(), [5]), "政府报告没有该数字，无从比较（1份报告之和为5）。"),
        (rolled(12, [5, 8]), "政府报告为12，2份报告之和为13，多出1：有数字有误，或两份报告重复统计。"),
        (
            many,
            "政府报告为1.5，1份报告之和为0.5，差1；5个机关没有该数字（第2局、第3局、第4局、第5局等），差额可能是它们的。",
        ),
    ]
    for one, zh in cells:
        assert sentence(one, NAMES)[0] == zh
    found = rolled(140, [60, 40])
    assert explanation(found.candidates[0], NAMES) == (
        "若政府把第2局（40）计了两次，则相符。",
        "The totals agree if the government counted 第2局 (40) twice.",
    )

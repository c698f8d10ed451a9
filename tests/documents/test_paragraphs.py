"""Lines of a page → paragraphs: which line goes on with the one above it."""

from __future__ import annotations

import pytest

from archive.documents.layout.text_lines import Line, runs_on

LEFT, RIGHT, SIZE = 60.0, 540.0, 16.0


def line(text: str, x0: float, x1: float, at: int = 0, size: float = SIZE) -> Line:
    """A line of one piece; ``at`` counts lines from the top."""
    return Line([(text, x0, x1)], x0, at * 1.5 * size, x1, at * 1.5 * size + size, size)


def full(text: str) -> Line:
    return line(text, LEFT, RIGHT)


@pytest.mark.parametrize("above", ["因此引起的行政诉讼24件。", "现将情况公布如下：", "加强队伍建设；"])
def test_a_numbered_heading_behind_a_sentence_begins_a_paragraph(above: str) -> None:
    assert not runs_on(full(above), line("二、主动公开政府信息情况", LEFT, 250.0, 1), LEFT, RIGHT)
    assert runs_on(full(above), line("其中网站公开5条。", LEFT, 250.0, 1), LEFT, RIGHT)


def test_a_numeral_at_the_beginning_of_a_line_goes_on_with_its_sentence() -> None:
    assert runs_on(full("依照《条例》第二十条第一、"), line("二、三项的规定主动公开。", LEFT, 250.0, 1), LEFT, RIGHT)


def test_the_rest_of_a_title_that_fills_its_line_goes_on_with_it() -> None:
    title = full("东平县人民政府2022年政府信息公开工作年度报")
    assert runs_on(title, line("告", 292.0, 308.0, 1), LEFT, RIGHT)


@pytest.mark.parametrize(
    "below",
    [
        line("（2022年度）", 250.0, 350.0, 1),
        line("2023年1月", 292.0, 308.0, 1, size=10.0),
        line("东平县人民政府", 440.0, 540.0, 1),
        line("目录", 292.0, 308.0, 4),
    ],
    ids=["in brackets", "in smaller type", "at the right", "far below"],
)
def test_what_else_stands_below_a_title_does_not(below: Line) -> None:
    assert not runs_on(full("东平县人民政府2022年政府信息公开工作年度报告"), below, LEFT, RIGHT)


def test_a_centred_line_below_a_sentence_or_a_short_line_begins_a_paragraph() -> None:
    assert not runs_on(full("现予公布。"), line("第一部分", 268.0, 332.0, 1), LEFT, RIGHT)
    assert not runs_on(line("东平县人民政府", 200.0, 400.0), line("年度报告", 268.0, 332.0, 1), LEFT, RIGHT)


def test_words_at_the_right_above_a_title_do_not_run_on_into_it() -> None:
    above = line("内部资料", RIGHT - 60.0, RIGHT, 0)
    assert not runs_on(above, line("弋阳县行政审批局2022年政府信息公开工作年度报告", LEFT, RIGHT, 1), LEFT, RIGHT)

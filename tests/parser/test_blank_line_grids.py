"""Cells printed one below the other, blank ones as blank paragraphs or lines, are the grid they were."""

from __future__ import annotations

import html
import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from archive.forms.loader import form, load_forms
from archive.forms.model import Form
from archive.forms.printer import tables
from archive.parser.reader import read
from tests import form_rendering as render

Fill = Callable[[random.Random], str]
FORMS = pytest.mark.parametrize("name", [plan.name for plan in load_forms()])
MODEST = settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
BLANKS = ("<p>&nbsp;</p>", "<p></p>", "<p><br></p>", "<div></div>", "<p>&#8203;</p>")


def _texts(plan: Form, cells: render.Cells) -> Iterator[tuple[str, list[str]]]:
    """Each heading with the texts of its table, cell by cell in reading order."""
    printed = tables(plan, render.printed(plan, cells))
    for heading, table in zip(render.HEADINGS, printed, strict=True):
        yield heading, [cell.text for row in render.rows_of(table) for cell in row]


def _page(plan: Form, cells: render.Cells, cell: Callable[[str], str]) -> bytes:
    parts = [f"<meta charset=utf-8><title>{render.TITLE}</title><h1>{render.TITLE}</h1><p>一、总体情况</p>"]
    for heading, texts in _texts(plan, cells):
        parts += [f"<p>{heading}</p>", *map(cell, texts)]
    return "".join([*parts, "<p>五、存在的主要问题及改进情况</p><p>我局将继续努力。</p>"]).encode()


def _paragraph(blank: str) -> Callable[[str], str]:
    return lambda text: f"<p>{html.escape(text)}</p>" if text else blank


@FORMS
@MODEST
@given(data=st.data())
def test_a_paragraph_for_each_cell(name: str, data: st.DataObject) -> None:
    plan = form(name)
    cells = data.draw(render.filled(plan))
    reading = read(_page(plan, cells, _paragraph(data.draw(st.sampled_from(BLANKS)))))
    assert not render.lies(reading, cells)
    if sum(value is not None for value in cells.values()) * 4 > len(cells):
        assert not render.differences(reading, cells)


@FORMS
@pytest.mark.parametrize("lines", ["text", "br"])
def test_a_line_for_each_cell(name: str, lines: str) -> None:
    plan = form(name)
    cells = render._fill(plan, random.Random(7), 0.4)
    if lines == "br":
        data = _page(plan, cells, lambda text: f"{html.escape(text)}<br>")
    else:
        rows = [line for heading, texts in _texts(plan, cells) for line in (heading, *texts)]
        data = "\n".join([render.TITLE, "一、总体情况", "我局工作。", *rows, "五、存在的主要问题及改进情况"]).encode()
    assert not render.differences(read(data), cells)


def test_space_between_rows_is_told_from_blank_cells() -> None:
    plan = load_forms()[-1]
    cells = render._fill(plan, random.Random(3), 0.3)
    ends = {place for table in plan.tables for row in table.rows for place in row.place_ids[-1:]}
    cells |= {name: cells[name] or Decimal(0) for name in ends}
    parts = [f"<meta charset=utf-8><h1>{render.TITLE}</h1><p>一、总体情况</p>"]
    for heading, table in zip(render.HEADINGS, tables(plan, render.printed(plan, cells)), strict=True):
        parts.append(f"<p>{heading}</p>")
        for row in render.rows_of(table):
            parts += [_paragraph("<p></p>")(cell.text) for cell in row]
            parts += ["<p></p>"] * any(cell.id for cell in row)
    assert not render.differences(read("".join(parts).encode()), cells)


@FORMS
@MODEST
@given(seed=st.integers(0, 2**32), lost=st.booleans())
def test_a_row_with_a_line_too_many_or_too_few_is_not_known(name: str, seed: int, lost: bool) -> None:
    """Which of its cells are blank nobody said: it has no values, and that is told."""
    plan = form(name)
    chance = random.Random(seed)
    cells = render._fill(plan, chance, 0.5)

    def damaged(text: str) -> str:
        line = _paragraph("<p></p>")(text)
        if chance.random() < 0.03:
            return "<p></p>" + line if not lost else "" if not text else line
        return line

    assert not render.lies(read(_page(plan, cells, damaged)), cells)


@FORMS
def test_space_behind_every_line_is_none_of_the_cells(name: str) -> None:
    plan = form(name)
    cells = render._fill(plan, random.Random(5), 0.0)
    reading = read(_page(plan, cells, lambda text: f"<p>{html.escape(text)}</p><p>&nbsp;</p>"))
    assert not render.differences(reading, cells)
    blank = {name: None if at % 5 == 0 else value for at, (name, value) in enumerate(cells.items())}
    spaced = read(_page(plan, blank, lambda text: f"<p>{html.escape(text)}</p><p>&nbsp;</p>" if text else ""))
    assert not render.lies(spaced, blank)


def test_blank_cells_above_a_figure_of_their_row_are_doubted(shared: Path) -> None:
    """The values of a row stand below its label, a line of ``|`` each; the last one, 0, stands apart."""
    page = (shared / "real" / "liwan_fgj_2020_mirror_excerpt.txt").read_bytes()
    cells = {name: cell for name, cell in read(page).cells.items() if name.startswith("applications.carried_in.")}
    assert len(cells) == 7
    assert all(cell.flags == ("label_doubt",) for cell in cells.values())

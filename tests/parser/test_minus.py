"""A dash, or two, before a change is its minus where the row bears it out (a report printed 253, --253, 0)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from archive.forms.loader import form
from archive.parser.reader import read
from archive.parser.values import read_value
from storage.records import Reading
from tests import form_rendering as render

PENALTY = "proactive.admin_penalty"
PREV, CHANGE, DECIDED = (f"{PENALTY}.{name}" for name in ("items_prev", "items_change", "decided"))
MINUS = ["--253", "—253", "――253", "–253", "－－253", "−−253"]


def _read(change: str, shape: str) -> Reading:
    """A report of 2019 in which this stands for a change of -253 to 253."""
    plan = form("2019")
    cells = {name: Decimal(0) for name in plan.ids} | {PREV: Decimal(253), CHANGE: Decimal(-253)}
    printed = render.tables_of(plan, cells)
    if shape == "lines":
        text = render.as_lines(printed).replace("\n-253\n", f"\n{change}\n")
        return read(f"某某县司法局2019年政府信息公开工作年度报告\n一、总体情况\n略。\n{text}".encode())
    html = render.as_html(printed).decode()
    assert html.count("-253<") == 1
    return read(html.replace("-253<", f"{change}<").encode())


@pytest.mark.parametrize("shape", ["lines", "grid"])
@pytest.mark.parametrize("text", MINUS)
def test_a_dash_is_the_minus_of_a_change(text: str, shape: str) -> None:
    reading = _read(text, shape)
    cells = [reading.cells[name] for name in (PREV, CHANGE, DECIDED)]
    assert [cell.value for cell in cells] == [253, -253, 0]
    assert [cell.flags for cell in cells] == [(), ("minus_drawn",), ()]
    assert not {"digits_glued", "not_a_number"} & {found.code for found in reading.findings}


@pytest.mark.parametrize("shape", ["lines", "grid"])
@pytest.mark.parametrize("text", ["--254", "—2530"])
def test_more_than_there_was_is_no_number_and_told(text: str, shape: str) -> None:
    reading = _read(text, shape)
    cells = [reading.cells[name] for name in (PREV, CHANGE, DECIDED)]
    assert [(cell.value, cell.raw) for cell in cells] == [(253, "253"), (None, text), (0, "0")]
    assert [found.cells for found in reading.findings if found.code == "not_a_number"] == [(CHANGE,)]
    assert "digits_glued" not in {found.code for found in reading.findings}


@pytest.mark.parametrize(("kind", "unit"), [("count", "件"), ("stock", "项"), ("amount", "万元")])
@pytest.mark.parametrize("text", MINUS[:4])
def test_a_dash_before_what_is_no_change_is_no_number(text: str, kind: str, unit: str) -> None:
    assert (read_value(text, kind, unit).value, read_value(text, kind, unit).flags) == (None, ("not_a_number",))


def test_a_dash_alone_stays_a_mark() -> None:
    for text in ("--", "—", "——"):
        assert read_value(text, "signed_count", "项").flags == ("mark",)

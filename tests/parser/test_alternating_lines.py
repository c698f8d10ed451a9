"""Labels and figures by turns: a row's label in a line of its own, its figures in the next, parted by anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

import pytest

from archive.forms.loader import form, load_forms
from archive.forms.model import Form
from archive.forms.printer import tables
from archive.parser.reader import read
from storage.records import Reading, Severity
from tests import form_rendering as render

FORMS = pytest.mark.parametrize("plan", load_forms(), ids=lambda plan: plan.name)
Cells = dict[str, Decimal | None]


def numbered(plan: Form) -> Cells:
    return {name: Decimal(1000 + at) for at, name in enumerate(plan.ids)}


def small(plan: Form) -> Cells:
    return {name: Decimal(at % 90) for at, name in enumerate(plan.ids)}


def by_turns(plan: Form, cells: Cells, labels: str, figures: str, end: str = "") -> list[str]:
    """The lines of the form, what stands between labels, between figures and behind them."""
    lines: list[str] = []
    for heading, table in zip(render.HEADINGS, tables(plan, render.printed(plan, cells)), strict=True):
        lines.append(heading)
        for at in range(table.rows):
            row = [cell for cell in table.cells if cell.row == at]
            words = [cell.text for cell in row if cell.id is None]
            values = [cell.text for cell in row if cell.id is not None]
            lines += [labels.join(words)] if words else []
            lines += [figures.join(values) + end] if values else []
    return lines


def report(lines: Sequence[str]) -> Reading:
    return read("\n".join([render.TITLE, "一、总体情况", "我局工作。", *lines, "五、存在的主要问题"]).encode())


@FORMS
@pytest.mark.parametrize(
    ("labels", "figures", "end"),
    [
        ("\n", "\t", ""),
        ("\t", "\t", ""),
        ("\t", "\t", "\t"),
        (" | ", " | ", ""),
        ("|", "|", ""),
        ("\n", " ", ""),
        ("\n", "、", ""),
        ("\t", "；", ""),
    ],
)
def test_a_label_and_its_figures_in_the_line_below_are_a_row(plan: Form, labels: str, figures: str, end: str) -> None:
    reading = report(by_turns(plan, numbered(plan), labels, figures, end))
    assert render.differences(reading, numbered(plan)) == {}
    assert not {found.code for found in reading.findings} & {"row_unplaced", "rows_missing", "table_missing"}


@FORMS
@pytest.mark.parametrize(("labels", "figures"), [("\n", "\t"), ("\t", "\t"), ("|", "|")])
def test_blank_fields_between_figures_are_blank_cells(plan: Form, labels: str, figures: str) -> None:
    cells: Cells = {name: None if at % 7 == 3 else Decimal(at) for at, name in enumerate(plan.ids)}
    reading = report(by_turns(plan, cells, labels, figures))
    assert render.lies(reading, cells) == {}


@FORMS
@pytest.mark.parametrize("figures", [",", "，"])
def test_commas_part_figures_where_they_cannot_part_thousands(plan: Form, figures: str) -> None:
    reading = report(by_turns(plan, small(plan), "\n", figures))
    assert render.differences(reading, small(plan)) == {}
    several = [plan.id for table in plan.tables for plan in table.rows if len(plan.columns) > 1]
    thousands = report(by_turns(plan, {name: Decimal(100) for name in plan.ids}, "\n", figures))
    assert several
    for name, cell in thousands.cells.items():
        if name.rpartition(".")[0] in several:
            assert cell.value is None
            assert cell.flags or any(name in found.cells for found in thousands.findings)


def untold(reading: Reading, cells: Cells) -> Iterator[str]:
    """The cells that are there in the document, and wrong or not there in its reading without a word."""
    told = {name for found in reading.findings if found.severity is not Severity.INFO for name in found.cells}
    for name, value in cells.items():
        cell = reading.cells.get(name)
        if (cell is None or (cell.value != value and not cell.flags)) and name not in told:
            yield name


@FORMS
@pytest.mark.parametrize("figures", ["/", "·", "][", "~", "，、", ":"])
@pytest.mark.parametrize("make", [numbered, small])
def test_signs_that_nobody_knows_between_figures_make_no_blanks(
    plan: Form, figures: str, make: Callable[[Form], Cells]
) -> None:
    reading = report(by_turns(plan, make(plan), "\n", figures))
    if not any(found.code == "tables_absent" for found in reading.findings):
        assert list(untold(reading, make(plan))) == []


def test_labels_of_several_rows_above_figures_are_no_label() -> None:
    lines = ["二、主动公开政府信息情况", "行政许可\t行政处罚\t行政强制", "10\t20\t30"]
    reading = report(lines)
    assert {cell.value for cell in reading.cells.values()} <= {None, 10, 20, 30}
    assert reading.cells.get("proactive.admin_coercion.decided") is None or (
        reading.cells["proactive.admin_coercion.decided"].value == 30
    )


def test_figures_above_their_labels_stay_doubted() -> None:
    plan = form("2021")
    lines = by_turns(plan, numbered(plan), "\n", "\t")
    at = next(at for at, line in enumerate(lines) if line.startswith("一、本年新收"))
    end = next(at for at, line in enumerate(lines) if line.startswith("四、结转")) + 2
    matrix = [line for line in lines[at:end] if line[0].isdigit()], [line for line in lines[at:end] if "\t" not in line]
    assert len(matrix[0]) > 20
    turned: list[str] = []
    for line in lines[at:end]:
        turned[-1:] = [line, turned[-1]] if "\t" in line else [*turned[-1:], line]
    reading = report([*lines[:at], *turned, *lines[end:]])
    assert [name for name in render.lies(reading, numbered(plan)) if not reading.cells[name].flags] == []


@FORMS
def test_labels_with_blank_fields_above_figures_are_no_blank_rows(plan: Form) -> None:
    lines = by_turns(plan, numbered(plan), "\t", "\t")
    wide = [
        line + "\t" * (below.count("\t") + 1) if below[:1].isdigit() and not line[:1].isdigit() else line
        for line, below in zip(lines, [*lines[1:], ""], strict=True)
    ]
    assert wide != lines
    assert list(untold(report(wide), numbered(plan))) == []


def test_a_label_without_fields_is_no_blank_row_where_figures_are_left_over() -> None:
    plan = form("2021")
    lines: list[str] = []
    for table in tables(plan, render.printed(plan, numbered(plan))):
        for row in render.rows_of(table):
            texts = [cell.text for cell in row]
            apart = "2.重复申请" in texts
            lines += [texts[0], "\t\t" + "\t".join(texts[1:])] if apart else ["\t".join(texts)]
    reading = report(lines)
    assert list(untold(reading, numbered(plan))) == []

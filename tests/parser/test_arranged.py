"""Tables that an office arranged otherwise than the form: every cell as printed, none of another year's, none lost."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from archive.forms.loader import form
from archive.forms.model import Form
from archive.forms.printer import PrintedCell, PrintedTable, tables
from archive.parser.reader import read
from imitation.documents import arranged
from imitation.documents.kinds import WRITERS
from imitation.wording import Block, Heading
from storage.records import Reading
from tests.adding_up import adding_up

Truth = Mapping[str, Decimal | None]
HEADINGS = ("二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、行政复议、行政诉讼情况")
YEARS = {"2021": 2023, "2019": 2019}
FORMS = pytest.mark.parametrize("name", list(YEARS))
FEW = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
SEEDS = st.integers(0, 2**32)
MARKED = ("html", "docx", "xlsx", "xls-apart")  # kinds that say themselves what their tables are
DRAWN = ("pdf", "ofd", "text-tabs")
KINDS = pytest.mark.parametrize("kind", [*MARKED, *DRAWN])


def drawn(plan: Form, lot: random.Random) -> dict[str, Decimal | None]:
    """Any figures, some blank: what the reader may use is what labels say."""
    return {place: None if lot.random() < 0.15 else Decimal(lot.choice((0, 7, 1234))) for place in plan.ids}


def written(kind: str, name: str, parts: Sequence[tuple[str, Sequence[Block]]], said: bool = True) -> Reading:
    year = f"{YEARS[name]}年" if said else ""
    blocks: list[Block] = [Heading("一、总体情况"), f"{year}本机关认真做好政府信息公开工作。"]
    for heading, held in parts:
        blocks += [Heading(heading), *held]
    blocks += [Heading("五、存在的主要问题及改进情况"), "无。"]
    return read(WRITERS[kind](f"汶上县财政局{year}政府信息公开工作年度报告", blocks))


def whole(parts: Sequence[PrintedTable]) -> list[tuple[str, Sequence[Block]]]:
    return [(heading, [table]) for heading, table in zip(HEADINGS, parts, strict=True)]


def misread(reading: Reading, truth: Truth) -> dict[str, tuple[object, object]]:
    """Cells that are not as printed, or doubted."""
    found = {name: reading.cells[name].value if name in reading.cells else "absent" for name in truth}
    differing = {name: (truth[name], value) for name, value in found.items() if value != truth[name]}
    return differing | {name: (truth[name], c.flags) for name, c in reading.cells.items() if set(c.flags) & DOUBTS}


DOUBTS = {"label_doubt", "order_only", "count_mismatch", "conflict", "merged"}


def silent(reading: Reading, truth: Truth) -> dict[str, object]:
    """Cells that are wrong, or not there, and nobody says so."""
    told = {name for finding in reading.findings for name in finding.cells}
    told |= {name for name, cell in reading.cells.items() if cell.flags}
    return {
        name: reading.cells.get(name)
        for name, value in truth.items()
        if name not in told and (name not in reading.cells or reading.cells[name].value != value)
    }


@FORMS
@KINDS
@FEW
@given(seed=SEEDS, gap=st.integers(0, 2))
def test_all_tables_side_by_side(kind: str, name: str, seed: int, gap: int) -> None:
    truth = drawn(form(name), random.Random(seed))
    parts = [(HEADINGS[0], [arranged.beside(tables(form(name), truth), gap)])]
    assert misread(written(kind, name, parts), truth) == {}


@FORMS
@pytest.mark.parametrize("kind", MARKED)
@pytest.mark.parametrize("pair", [(0, 1), (1, 2), (0, 2)])
def test_two_tables_side_by_side_and_one_below(kind: str, name: str, pair: tuple[int, int]) -> None:
    truth = drawn(form(name), random.Random(f"{kind}{name}{pair}"))
    made = tables(form(name), truth)
    rest = next(at for at in range(3) if at not in pair)
    parts = [(HEADINGS[pair[0]], [arranged.beside([made[at] for at in pair])]), (HEADINGS[rest], [made[rest]])]
    assert misread(written(kind, name, parts), truth) == {}


@FORMS
@KINDS
@FEW
@given(seed=SEEDS, cut=st.integers(1, 5), labels=st.booleans())
def test_a_table_cut_between_its_columns(kind: str, name: str, seed: int, cut: int, labels: bool) -> None:
    truth = drawn(form(name), random.Random(seed))
    made = tables(form(name), truth)
    held = arranged.columns_apart(made[1], cut, labels=labels)
    cut_up: Sequence[Block] = [held[0], "续表", held[1]]
    parts = [(HEADINGS[0], [made[0]]), (HEADINGS[1], cut_up), (HEADINGS[2], [made[2]])]
    assert misread(written(kind, name, parts), truth) == {}


def test_columns_that_go_on_with_other_rows_are_not_put_together() -> None:
    truth = drawn(form("2021"), random.Random(1))
    made = tables(form("2021"), truth)
    left, right = arranged.columns_apart(made[1], 3, labels=False)
    short, _ = arranged.rows_apart(right, right.rows - 1)
    reading = written(
        "html", "2021", [(HEADINGS[0], [made[0]]), (HEADINGS[1], [left, short]), (HEADINGS[2], [made[2]])]
    )
    assert silent(reading, truth) == {}
    assert "columns_missing" in {finding.code for finding in reading.findings}


NAMES = [("本年", "上年"), ("本年度", "上年度"), ("2023年", "2022年"), ("（本年）", "（上一年）"), ("今年", "去年同期")]


@pytest.mark.parametrize("kind", [*MARKED, *DRAWN])
@FEW
@given(seed=SEEDS, names=st.sampled_from(NAMES), first=st.booleans())
def test_last_years_columns_are_never_taken(kind: str, seed: int, names: tuple[str, str], first: bool) -> None:
    lot = random.Random(seed)
    truth = drawn(form("2021"), lot)
    former = {place: str(lot.choice((0, 5, 999))) for place in truth}
    made = [arranged.with_former(table, former, names, first=first) for table in tables(form("2021"), truth)]
    reading = written(kind, "2021", whole(made))
    assert (silent if kind == "text-tabs" else misread)(reading, truth) == {}
    assert "other_years_tables" in {finding.code for finding in reading.findings}


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("kind", ["html", "xlsx", "docx"])
def test_last_years_columns_by_their_labels(kind: str, first: bool) -> None:
    truth = drawn(form("2021"), random.Random(f"{kind}{first}"))
    former = dict.fromkeys(truth, "55")
    made = [
        arranged.with_former(table, former, ("本年", "上年"), said="label", first=first)
        for table in tables(form("2021"), truth)
    ]
    assert misread(written(kind, "2021", whole(made)), truth) == {}


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("kind", ["html", "xlsx", "docx"])
def test_the_year_in_brackets_behind_a_label_that_says_this_year_itself(kind: str, first: bool) -> None:
    """本年处理决定数量（2022年） stands above last year's figures."""
    truth = drawn(form("2021"), random.Random(f"{kind}{first}"))
    made = list(tables(form("2021"), truth))
    years = ("2023年", "2022年")
    beside = arranged.with_former(made[0], dict.fromkeys(truth, "55"), years, said="label", first=first)
    cells = [
        replace(cell, text=f"{'' if '现行' in cell.text else '本年'}{cell.text.removeprefix(year)}（{year}）")
        if year
        else cell
        for cell in beside.cells
        for year in (next((year for year in years if cell.text.startswith(year)), ""),)
    ]
    made[0] = replace(beside, cells=tuple(cells))
    assert misread(written(kind, "2021", whole(made)), truth) == {}


@pytest.mark.parametrize("kind", ["html", "text-tabs"])
@pytest.mark.parametrize("first", [False, True])
def test_columns_of_years_that_nobody_can_tell_apart_are_doubted(kind: str, first: bool) -> None:
    truth = drawn(form("2021"), random.Random(7))
    made = [
        arranged.with_former(table, dict.fromkeys(truth, "55"), ("2031年", "2030年"), first=first)
        for table in tables(form("2021"), truth)
    ]
    assert silent(written(kind, "2021", whole(made), said=False), truth) == {}


def test_a_column_that_compares_is_not_taken() -> None:
    truth = drawn(form("2021"), random.Random(3))
    made = list(tables(form("2021"), truth))
    made[1] = arranged.with_former(made[1], dict.fromkeys(truth, "12%"), ("2023年", "同比增减"))
    assert misread(written("html", "2021", whole(made)), truth) == {}


def test_one_year_above_all_its_columns() -> None:
    """2023年 over the seven columns, 2022年 over seven more."""
    truth = drawn(form("2021"), random.Random(5))
    made = list(tables(form("2021"), truth))
    table = made[1]
    begin = min(cell.col for cell in table.cells if cell.id)
    width = table.cols - begin
    cells = [cell for cell in table.cells if cell.row > 0 or cell.col < begin]
    again = [
        PrintedCell(row=c.row, col=c.col + width, rowspan=c.rowspan, colspan=c.colspan, text="9" if c.id else c.text)
        for c in cells
        if c.col >= begin
    ]
    over = [
        PrintedCell(row=0, col=begin + at * width, colspan=width, text=text)
        for at, text in enumerate(("2023年申请人情况", "2022年申请人情况"))
    ]
    every = tuple(sorted((*cells, *again, *over), key=lambda cell: (cell.row, cell.col)))
    made[1] = PrintedTable(key="applications", rows=table.rows, cols=table.cols + width, cells=every)
    assert silent(written("html", "2021", whole(made)), truth) == {}
    reading = written("html", "2021", whole(made))
    assert [reading.cells[place].value for place in truth] == list(truth.values())


@FORMS
def test_labels_and_figures_in_two_tables_beside_each_other(name: str) -> None:
    """Right of the labels, rows and merged cells as printed, stand the headings and figures alone."""
    plan = form(name)
    truth = drawn(plan, random.Random(7))
    printed = list(tables(plan, {place: value for place, value in truth.items() if value is not None}))
    at = next(n for n, table in enumerate(printed) if table.key == "applications")
    edge = min(cell.col for cell in printed[at].cells if cell.id)
    parts = [(heading, [table]) for heading, table in zip(HEADINGS, printed, strict=True)]
    labels = tuple(cell for cell in printed[at].cells if cell.col < edge)
    figures = tuple(replace(cell, col=cell.col - edge) for cell in printed[at].cells if cell.col >= edge)
    left = replace(printed[at], cols=edge, cells=labels)
    parts[at] = HEADINGS[at], [left, replace(left, cols=printed[at].cols - edge, cells=figures)]
    assert not misread(written("html", name, parts), truth)


def with_line_numbers(table: PrintedTable, word: str) -> PrintedTable:
    """The table with a column before its figures that counts its lines, as statistical tables have it."""
    first = min(cell.col for cell in table.cells if cell.id is not None)
    cells = [
        replace(cell, col=cell.col + 1)
        if cell.col >= first
        else replace(cell, colspan=cell.colspan + (cell.col + cell.colspan > first))
        for cell in table.cells
    ]
    filled = {cell.row for cell in cells if cell.id is not None}
    covered = {cell.row for cell in cells if cell.id is None and cell.col < first < cell.col + cell.colspan}
    count = 0
    for row in range(table.rows):
        count += row in filled
        if row not in covered:
            cells.append(PrintedCell(row=row, col=first, text=str(count) if row in filled else word))
    cells.sort(key=lambda cell: (cell.row, cell.col))
    return replace(table, cols=table.cols + 1, cells=tuple(cells))


@FORMS
@pytest.mark.parametrize("kind", [*MARKED, *DRAWN])
@pytest.mark.parametrize("word", ["行次", "序 号"])
def test_numbers_of_lines_are_no_figures(kind: str, name: str, word: str) -> None:
    truth = drawn(form(name), random.Random(7))
    read_back = written(kind, name, whole([with_line_numbers(table, word) for table in tables(form(name), truth)]))
    if kind in MARKED:
        assert misread(read_back, truth) == {}
    assert silent(read_back, truth) == {}
    assert not any("cut_by_sums" in cell.flags for cell in read_back.cells.values())


def test_figures_in_cells_of_their_own_are_never_cut() -> None:
    """Eight cells where the form has seven: which is which nobody knows, and the sums must not guess."""
    plan = form("2021")
    for seed, most in ((4, 40), (9, 9), (27, 9)):
        truth = adding_up(plan, random.Random(seed), most, 0.7)
        table = with_line_numbers(tables(plan, truth)[1], "列")
        read_back = written("html", "2021", [(HEADINGS[1], [table])])
        assert not any("cut_by_sums" in cell.flags for cell in read_back.cells.values())
        assert all(c.value is None or c.value == truth[name] for name, c in read_back.cells.items())

"""Documents printed alike: what is known from one never changes what the next one says."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from archive.documents.pages import GridCell, Pages, Paragraph, Table
from archive.forms.loader import form
from archive.parser import alike, tables
from archive.parser.alike import Plans, skeleton
from archive.parser.blocks import pieces
from archive.parser.reader import read_pages_to_reading
from archive.parser.tables import Tables
from storage.records import CellState, Reading
from tests import form_rendering as render
from tests.adding_up import adding_up

NAME = "0" * 64
ODD = (
    "",
    " ",
    "0",
    "7",
    "12",
    "-3",
    "0.50",
    "12件",
    "-",
    "无",
    "见附件",
    "\x00figure",
    "1\n2",
    "1 2",
    "总计",
    "结果纠正",
)


@pytest.fixture(autouse=True)
def plans(monkeypatch: pytest.MonkeyPatch) -> Plans:
    """Plans that know of no other test's documents."""
    own = Plans()
    monkeypatch.setattr(tables, "_PLANS", own)
    return own


def afresh(pages: Pages) -> Reading:
    """The reading where nothing is known of other documents."""
    kept, tables._PLANS = tables._PLANS, Plans()
    try:
        return read_pages_to_reading(pages, NAME)
    finally:
        tables._PLANS = kept


def read(pages: Pages) -> Reading:
    return read_pages_to_reading(pages, NAME)


def report(seed: int, name: str = "2021") -> Pages:
    plan = form(name)
    return render.as_pages(render.tables_of(plan, adding_up(plan, random.Random(seed))))


def planned(pages: Pages) -> bool:
    return Tables.of(pages).plan is not None


def with_texts(pages: Pages, texts: Sequence[str]) -> Pages:
    """The same document with other texts in its cells, in order."""
    left = iter(texts)
    blocks = [
        replace(block, cells=tuple(replace(cell, text=next(left)) for cell in block.cells))
        if isinstance(block, Table)
        else block
        for block in pages.blocks
    ]
    return replace(pages, blocks=tuple(blocks))


def texts_of(pages: Pages) -> list[str]:
    return [cell.text for block in pages.blocks if isinstance(block, Table) for cell in block.cells]


def fresh_figures(pages: Pages, chance: random.Random) -> Pages:
    """Other figures, and blanks elsewhere, in the same tables."""
    blank = chance.choice([0, 0.1, 0.6, 0.95, 1])

    def other(text: str) -> str:
        if text.strip() and not text.lstrip("-").replace(".", "").isdecimal():
            return text
        return "" if chance.random() < blank else str(chance.choice([0, 0, 1, 5, 38, 4_000, -2, Decimal("0.5")]))

    return with_texts(pages, [other(text) for text in texts_of(pages)])


# --------------------------------------------------------------------------------------------------- what is kept


@pytest.mark.parametrize("name", ["2019", "2021"])
def test_the_third_document_of_a_template_is_placed_by_the_plan_and_says_its_own(name: str) -> None:
    readings = [read(report(seed, name)) for seed in range(2)]
    assert planned(report(2, name))
    plan = form(name)
    for seed in range(2, 8):
        cells = adding_up(plan, random.Random(seed))
        pages = render.as_pages(render.tables_of(plan, cells))
        reading = read(pages)
        assert render.differences(reading, cells) == {}
        assert reading == afresh(pages)
        assert list(reading.cells) == list(readings[0].cells) == list(plan.ids)
        readings.append(reading)
    assert len({reading.content_digest for reading in readings}) == len(readings)


def test_a_blank_is_not_taken_for_the_zero_that_stood_there_before() -> None:
    for seed in range(2):
        read(report(seed))
    plan = form("2021")
    cells = {name: value or None for name, value in adding_up(plan, random.Random(5)).items()}
    pages = render.as_pages(render.tables_of(plan, cells))
    assert planned(pages)
    reading = read(pages)
    assert render.differences(reading, cells) == {}
    assert {cell.state for cell in reading.cells.values() if cell.value is None} == {CellState.BLANK}
    assert reading == afresh(pages)


def test_what_is_no_figure_is_told_as_ever() -> None:
    for seed in range(4):
        read(report(seed))
    pages = report(9)
    texts = texts_of(pages)
    at = max(at for at, text in enumerate(texts) if text.isdecimal())
    for odd in ODD:
        changed = with_texts(pages, [*texts[:at], odd, *texts[at + 1 :]])
        assert read(changed) == read(changed) == afresh(changed)


def test_each_cell_keeps_the_locator_of_its_own_document() -> None:
    def marked(seed: int) -> Pages:
        pages = report(seed)
        blocks = [
            replace(block, cells=tuple(replace(c, locator={"css": f"{seed}/{c.row}/{c.col}"}) for c in block.cells))
            if isinstance(block, Table)
            else block
            for block in pages.blocks
        ]
        return replace(pages, blocks=tuple(blocks))

    for seed in range(2):
        read(marked(seed))
    assert planned(marked(2))
    reading = read(marked(2))
    assert all(str(cell.locator["css"]).startswith("2/") for cell in reading.cells.values())
    assert reading == afresh(marked(2))


def test_what_the_text_tells_of_reviews_makes_no_other_template() -> None:
    def speaking(seed: int) -> Pages:
        pages = report(seed)
        told = (
            f"{seed}年全年未发生因政府信息公开申请行政复议的情况。" + f"主动公开信息{seed}条，重点领域持续推进。" * 20
        )
        return replace(pages, blocks=(pages.blocks[0], Paragraph(text=told), *pages.blocks[1:]))

    for seed in range(2):
        read(speaking(seed))
    assert planned(speaking(2))
    assert read(speaking(2)) == afresh(speaking(2))


# ----------------------------------------------------------------------------------------------- what has no plan


def test_a_row_printed_twice_is_compared_in_every_document() -> None:
    def twice(seed: int, other: int) -> Pages:
        first, second = report(seed), report(other)
        return replace(first, blocks=(*first.blocks, *second.blocks))

    for _ in range(3):
        assert read(twice(1, 1)).is_report
    assert not planned(twice(1, 1))
    assert {found.code for found in read(twice(1, 2)).findings} >= {"duplicate_differs"}


def test_figures_in_a_header_and_recognised_cells_have_no_plan() -> None:
    header = Table(cells=(GridCell(row=0, col=0, text="信息内容"), GridCell(row=0, col=1, text="5")), rows=1, cols=2)
    pages = replace(report(1), blocks=(header, *report(1).blocks))
    for _ in range(3):
        read(pages)
    assert not planned(pages)
    seen = [
        replace(block, cells=tuple(replace(cell, locator={"confidence": 0.9}) for cell in block.cells))
        if isinstance(block, Table)
        else block
        for block in report(1).blocks
    ]
    assert skeleton(pieces(replace(report(1), blocks=tuple(seen)))) is None


def test_a_figure_astray_on_its_page_is_doubted_however_well_the_template_is_known() -> None:
    def astray(pages: Pages) -> Pages:
        def marked(block: Table) -> Table:
            return replace(block, cells=tuple(replace(cell, locator={"astray": True}) for cell in block.cells))

        return replace(pages, blocks=tuple(marked(b) if isinstance(b, Table) else b for b in pages.blocks))

    for seed in range(3):
        read(report(seed))
    assert planned(report(3))
    reading = read(astray(report(3)))
    assert reading == afresh(astray(report(3)))
    assert all("label_doubt" in cell.flags for cell in reading.cells.values() if cell.value is not None)


def test_plans_are_bounded_in_number_and_size(monkeypatch: pytest.MonkeyPatch, plans: Plans) -> None:
    monkeypatch.setattr(alike, "_PLANS", 4)
    for columns in range(1, 12):
        wide = Table(cells=(GridCell(row=0, col=columns, text="x"),), rows=1, cols=columns + 1)
        pages = replace(report(1), blocks=(*report(1).blocks, wide))
        read(pages)
        read(pages)
    assert len(plans._kept) == 4
    many = tuple(GridCell(row=at, col=0, text="1") for at in range(1_001))
    assert skeleton([(Table(cells=many, rows=1_001, cols=1), 1)]) is None
    long = Table(cells=(GridCell(row=0, col=0, text="长" * 30_000),), rows=1, cols=1)
    assert skeleton([(long, 1)]) is None


# ------------------------------------------------------------------------------------------------ whatever comes


def paragraph(chance: random.Random) -> Paragraph:
    """A line or paragraph that may speak of a table."""
    said = chance.choice(["行政复议", "行政诉讼", "结果维持", "本列数据的勾稽关系为", "信息公开", "总计", ""])
    return Paragraph(text=said + f"其中{chance.randrange(99)}件。" * chance.choice([0, 1, 20, 60]))


def damaged(pages: Pages, chance: random.Random) -> Pages:
    """The same document with its tables changed somehow, whatever stands in them."""
    blocks: list[Paragraph | Table] = []
    for block in pages.blocks:
        if not isinstance(block, Table):
            blocks += [block] if chance.random() < 0.9 else []
            if chance.random() < 0.1:
                said = chance.choice(
                    ["行政复议", "行政诉讼", "结果维持", "本列数据的勾稽关系为", "信息公开", "总计", ""]
                )
                blocks.append(Paragraph(text=said + f"其中{chance.randrange(99)}件。" * chance.choice([0, 1, 20, 60])))
            continue
        cells = list(block.cells)
        for _ in range(chance.choice([0, 0, 1, 1, 2, 4])):
            at = chance.randrange(len(cells))
            cell = cells[at]
            match chance.randrange(8):
                case 0:
                    cells = cells[:at] + cells[at + 1 :] or cells
                case 1:
                    cells[at] = replace(cell, colspan=chance.choice([1, 2, 3]))
                case 2:
                    cells[at] = replace(cell, rowspan=chance.choice([1, 2]))
                case 3:
                    cells[at] = replace(cell, text=chance.choice(ODD))
                case 4:
                    cells[at] = replace(cell, text=chance.choice(cells).text)
                case 5:  # a column more, before or behind
                    col, text = chance.choice([0, block.cols]), chance.choice(["", "1", "备注"])
                    cells = [replace(c, col=c.col + (col == 0)) for c in cells]
                    cells += [GridCell(row=row, col=col, text=text) for row in range(block.rows)]
                    cells.sort(key=lambda c: (c.row, c.col))
                case 6:  # a row that stands there again, or without its label
                    cells += [replace(c, row=block.rows, rowspan=1) for c in cells if c.row == cell.row]
                case _:
                    cells = [c for c in cells if c.row != cell.row or c.text.isdecimal()] or cells
        rows = max(c.row for c in cells) + 1
        blocks.append(replace(block, cells=tuple(cells), rows=rows, ruled=chance.random() < 0.95))
    return replace(pages, blocks=tuple(blocks))


@pytest.mark.parametrize("seed", range(60))
def test_a_plan_never_changes_a_reading(seed: int) -> None:
    chance = random.Random(seed)
    pages = damaged(report(seed, chance.choice(["2019", "2021"])), chance)
    for _ in range(6):
        other = fresh_figures(pages, chance)
        assert read(other) == afresh(other)

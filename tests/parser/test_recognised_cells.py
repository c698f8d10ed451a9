"""Cells that were recognised in an image: labels with a slip, letters for digits, and doubt that is never lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.documents.pages import GridCell, Paragraph, Table
from archive.forms.loader import form, load_forms
from archive.forms.model import Form
from archive.parser.cells import cell_of
from archive.parser.ocr_correction import corrected_text, nearest_label
from archive.parser.reader import read_pages_to_reading
from archive.parser.rows import Item
from storage.records import CellState, Reading
from tests import form_rendering as render

FORMS = pytest.mark.parametrize("plan", load_forms(), ids=lambda plan: plan.name)
MODEST = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


def recognised(plan: Form, cells: render.Cells, change: Callable[[GridCell], GridCell]) -> Reading:
    """The reading of a form whose every cell was recognised with certainty, and then changed."""

    def as_scan(table: Table) -> list[Table]:
        seen = (change(replace(cell, locator={"page": 1, "confidence": 0.98})) for cell in table.cells)
        return [replace(table, cells=tuple(seen))]

    pages = render.as_pages(render.tables_of(plan, cells), as_scan)
    return read_pages_to_reading(replace(pages, kind="scan"), "0" * 64)


def numbered(plan: Form) -> dict[str, Decimal | None]:
    return {name: Decimal(1000 + i) for i, name in enumerate(plan.ids)}


def balanced(plan: Form) -> dict[str, Decimal | None]:
    """A form whose sums hold: nothing but zeros."""
    return dict.fromkeys(plan.ids, Decimal(0))


@FORMS
@MODEST
@given(seed=st.integers(0, 2**32))
def test_labels_with_one_wrong_character_are_known(plan: Form, seed: int) -> None:
    chance = random.Random(seed)
    cells = numbered(plan)

    def slip(cell: GridCell) -> GridCell:
        if len(cell.text) < 6 or cell.text[0].isdigit() or chance.random() < 0.5:
            return cell
        at = chance.randrange(3, len(cell.text))
        return replace(cell, text=cell.text[:at] + "圣" + cell.text[at + 1 :])

    assert render.lies(recognised(plan, cells, slip), cells) == {}


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("（一）予以公升", "予以公开"),
        ("本年新攸政府信息公幵申请数量", "本年新收政府信息公开申请数量"),
        ("结果维待", "结果维持"),
        ("科研机枃", "科研机构"),
        ("法人或其他组识", "法人或其他组织"),
        ("2.其他法律行政法规禁正公升", "其他法律行政法规禁止公开"),
        ("3.危及“三安全一稳定ii", "危及三安全一稳定"),
    ],
)
def test_the_nearest_label(printed: str, name: str) -> None:
    assert corrected_text(printed).endswith(name)


@pytest.mark.parametrize("text", ["予公开", "行政复可", "行政征收", "自然入", "总汁", "汶上县司法局", "商业", "无"])
def test_what_is_near_two_labels_or_none_stays_as_it_was(text: str) -> None:
    assert corrected_text(text) == text


def test_every_label_is_nearest_to_itself() -> None:
    for plan in load_forms():
        for table in plan.tables:
            for row in table.rows:
                assert corrected_text(row.label) == row.label


@given(text=st.text(alphabet="公开不予以行政复议诉讼可处其他结果维持纠正", min_size=1, max_size=14))
@settings(max_examples=60, deadline=None)
def test_a_near_label_is_near(text: str) -> None:
    found = nearest_label(text)
    assert found is None or abs(len(found) - len(text)) <= 2


def test_slipped_labels_are_not_matched_outside_of_images() -> None:
    plan = form("2021")
    cells = numbered(plan)

    def slip(table: Table) -> list[Table]:
        texts = {"（一）予以公开": "（一）予以公升"}
        return [replace(table, cells=tuple(replace(c, text=texts.get(c.text, c.text)) for c in table.cells))]

    reading = read_pages_to_reading(render.as_pages(render.tables_of(plan, cells), slip), "0" * 64)
    assert "applications.result.granted.total" in render.told(reading)


@pytest.mark.parametrize(
    ("read", "label"),
    [("规童", "规章"), ("規童", "规章"), ("白然人", "自然人"), ("一、规童", "一、规章")],
)
def test_a_short_label_is_known_by_characters_that_look_alike(read: str, label: str) -> None:
    assert corrected_text(read) == label


@pytest.mark.parametrize("text", ["规则", "白", "其化", "个人", "白燃人", "目录", "总局", "白然"])
def test_a_short_text_that_is_no_label_but_for_one_such_character_stays(text: str) -> None:
    assert corrected_text(text) == text


@FORMS
def test_short_labels_with_such_a_character_cost_no_figure_and_give_no_doubt(plan: Form) -> None:
    cells = numbered(plan)
    slips = {"规章": "规童", "自然人": "白然人"}
    reading = recognised(plan, cells, lambda cell: replace(cell, text=slips.get(cell.text, cell.text)))
    unchanged = recognised(plan, cells, lambda cell: cell)
    assert {name: cell.value for name, cell in reading.cells.items()} == {
        name: cell.value for name, cell in unchanged.cells.items()
    }
    assert {found.code for found in reading.findings} == {found.code for found in unchanged.findings}


@pytest.mark.parametrize(("printed", "value"), [("1O", 10), ("l", 1), ("O", 0), ("l2", 12), ("·0", 0), ("4.", 4)])
def test_letters_for_digits(printed: str, value: int) -> None:
    plan = form("2021")
    name = "proactive.normative.issued"

    def slip(cell: GridCell) -> GridCell:
        return replace(cell, text=printed) if cell.text == "999999" else cell

    reading = recognised(plan, {**balanced(plan), name: Decimal(999999)}, slip)
    cell = reading.cells[name]
    assert (cell.value, cell.raw) == (Decimal(value), printed)
    assert "low_confidence" in cell.flags or "repaired" in cell.flags


def test_letters_for_digits_are_no_figures_elsewhere() -> None:
    plan = form("2021")
    name = "applications.result.granted.natural_person"

    def slip(table: Table) -> list[Table]:
        return [replace(table, cells=tuple(replace(c, text="1O") if c.text == "999999" else c for c in table.cells))]

    pages = render.as_pages(render.tables_of(plan, {**balanced(plan), name: Decimal(999999)}), slip)
    cell = read_pages_to_reading(pages, "0" * 64).cells[name]
    assert cell.value is None
    assert cell.flags


@pytest.mark.parametrize("locator", [{"confidence": 0.89}, {"confidence": 0.99, "also": ["7"]}])
def test_doubt_of_recognition_is_doubt_of_the_cell(locator: dict[str, object]) -> None:
    plan = form("2021")
    name = "proactive.normative.issued"

    def doubt(cell: GridCell) -> GridCell:
        return replace(cell, locator=locator) if cell.text == "999999" else cell

    reading = recognised(plan, {**balanced(plan), name: Decimal(999999)}, doubt)
    assert "low_confidence" in reading.cells[name].flags
    others = [cell for other, cell in reading.cells.items() if other.startswith("proactive.") and other != name]
    assert others
    assert not any("low_confidence" in cell.flags for cell in others)


def test_a_blank_cell_of_an_image_stays_blank() -> None:
    place = form("2021").places["proactive.rules.repealed"]
    blank = cell_of(place, Item("", 1, 1, {"page": 1, "confidence": 0.2}))
    assert (blank.value, blank.state, blank.flags) == (None, CellState.BLANK, ())
    twice = cell_of(place, Item("", 1, 1, {"page": 1, "confidence": 0.95, "also": ["7"]}))
    assert (twice.value, twice.flags) == (None, ("low_confidence",))


def test_a_slipped_label_away_from_its_place_is_doubted() -> None:
    plan = form("2021")
    cells = balanced(plan)

    def lone(table: Table) -> list[Table]:
        if not any("自然人" in cell.text for cell in table.cells):
            return [table]
        row = next(cell.row for cell in table.cells if "重复申请" in cell.text)
        last = next(cell.row for cell in table.cells if "结转下年度" in cell.text)
        moved = [c for c in table.cells if c.row == row and c.rowspan == 1]
        texts = {"2.重复申请": "2.重复中请"}
        kept = [c for c in table.cells if c not in moved]
        below = [replace(c, row=last + 1, text=texts.get(c.text, c.text)) for c in moved]
        marked = [replace(c, locator={"page": 1, "confidence": 0.98}) for c in (*kept, *below)]
        return [replace(table, cells=tuple(marked), rows=table.rows + 1)]

    reading = read_pages_to_reading(render.as_pages(render.tables_of(plan, cells), lone), "0" * 64)
    assert "label_doubt" in reading.cells["applications.result.not_handled.repeat.total"].flags


def test_labels_and_figures_on_recognised_lines() -> None:
    plan = form("2021")
    cells = {name: Decimal(10 + i % 7) for i, name in enumerate(plan.ids)}
    lines = render.as_lines(render.tables_of(plan, cells)).split("\n")
    blocks = [
        Paragraph(
            text=line.replace("予以公开", "予以公升").replace("10", "1O"), locator={"line": i, "confidence": 0.97}
        )
        for i, line in enumerate(lines)
    ]
    pages = replace(render.as_pages(render.tables_of(plan, cells)), blocks=tuple(blocks))
    reading = read_pages_to_reading(pages, "0" * 64)
    granted = reading.cells["applications.result.granted.natural_person"]
    assert granted.value == cells["applications.result.granted.natural_person"]
    assert render.lies(reading, cells) == {}


def test_a_figure_that_stands_astray_is_doubted() -> None:
    place = form("2021").places["applications.received.total"]
    cell = cell_of(place, Item("7", 1, 1, {"page": 1, "astray": True}))
    assert (cell.value, cell.flags) == (7, ("label_doubt",))


@pytest.mark.parametrize(
    ("printed", "figure"),
    [("7 √", "7"), ("0V", "0"), ("④", "4"), ("14 J", "14"), ("3 一", "3"), ("一\n0", "0"), ("0\n/", "0"), ("0 !", "0")],
)
def test_strokes_of_a_pen_beside_a_figure_are_none_of_it(printed: str, figure: str) -> None:
    assert corrected_text(printed) == figure


@pytest.mark.parametrize("printed", ["1 0", "0\n1", "水", "一", "12 件 3"])
def test_what_may_be_more_than_strokes_is_left_as_read(printed: str) -> None:
    assert corrected_text(printed) == printed


def test_a_mark_among_the_figures_of_a_strip_without_header_is_one_of_its_cells() -> None:
    """The strip's figures stand on a page of their own; what was read of one is neither a figure nor a label."""
    plan = form("2021")
    cells = numbered(plan)
    pending = str(cells["review.pending"])

    def part(table: Table, rows: list[GridCell]) -> Table:
        top = min(cell.row for cell in rows)
        own = (replace(cell, row=cell.row - top, locator={"page": 1, "confidence": 0.98}) for cell in rows)
        seen = tuple(replace(cell, text="一\no" if cell.text == pending else cell.text) for cell in own)
        return replace(table, cells=seen, rows=max(cell.row + cell.rowspan for cell in rows) - top)

    def cut(table: Table) -> list[Table]:
        first = next((cell.row for cell in table.cells if cell.text == pending), None)
        if first is None:
            return [table]
        return [part(table, [c for c in table.cells if (c.row < first) == head]) for head in (True, False)]

    pages = render.as_pages(render.tables_of(plan, cells), cut)
    reading = read_pages_to_reading(replace(pages, kind="scan"), "0" * 64)
    assert reading.cells["review.pending"].flags
    assert {name: reading.cells[name].value for name in plan.ids if name.startswith(("review", "litigation"))} == {
        name: None if name == "review.pending" else value
        for name, value in cells.items()
        if name.startswith(("review", "litigation"))
    }


@FORMS
@MODEST
@given(seed=st.integers(0, 2**32), marks=st.lists(st.sampled_from(["√", "水", "务局", "()"]), min_size=1, max_size=3))
def test_marks_among_figures_cost_their_own_cells_alone(plan: Form, seed: int, marks: list[str]) -> None:
    """A tick or a seal's word in one cell: all others are read, and it is no figure and no certain blank."""
    cells = numbered(plan)
    counts = [name for name in plan.ids if not name.endswith(".amount")]  # those are printed with their unit
    names = random.Random(seed).sample(counts, len(marks))
    stains = {str(cells[name]): mark for name, mark in zip(names, marks, strict=True)}
    reading = recognised(plan, cells, lambda cell: replace(cell, text=stains.get(cell.text, cell.text)))
    for name, value in cells.items():
        cell = reading.cells[name]
        if name in names:
            assert cell.flags
            assert cell.raw == stains[str(value)]
        else:
            assert cell.value == value


@FORMS
def test_a_tick_where_nothing_is_counted_is_blank_in_a_form_that_leaves_zeros_blank(plan: Form) -> None:
    cells: dict[str, Decimal | None] = dict.fromkeys(plan.ids, None)
    name = "applications.result.granted.research"
    shown = {**cells, name: Decimal(987654)}
    cells |= {f"applications.{row}.{col}": Decimal(1) for row in ROWS for col in ("natural_person", "total")}
    shown |= {place: value for place, value in cells.items() if place != name}
    reading = recognised(plan, shown, lambda cell: replace(cell, text="√" if cell.text == "987654" else cell.text))
    assert reading.cells[name].value is None
    assert reading.cells[name].raw == "√"
    assert "repaired" in reading.cells[name].flags


ROWS = ("received", "result.granted", "result.total")


def torn(cells: list[GridCell], labels: dict[str, list[str]]) -> list[GridCell]:
    """The cells with labels torn over several, as by strokes of letters that pass for rulings."""
    made: list[GridCell] = []
    for cell in cells:
        pieces = labels.get(cell.text, [cell.text])
        first, wide = 4 * cell.col, 4 * cell.colspan
        spans = [*[1] * (len(pieces) - 1), wide - len(pieces) + 1]
        made += [
            replace(cell, text=text, col=first + at, colspan=span)
            for at, (text, span) in enumerate(zip(pieces, spans, strict=True))
        ]
    return made


def scanned(plan: Form, cells: render.Cells, change: Callable[[list[GridCell]], list[GridCell]]) -> Reading:
    """The reading of a form whose cells were recognised, those of the second table changed together."""
    number = 0

    def as_scan(table: Table) -> list[Table]:
        nonlocal number
        number += 1
        seen = [replace(cell, locator={"page": 1, "confidence": 0.98}) for cell in table.cells]
        seen = change(seen) if number == 2 else seen
        rows, cols = max(c.row + c.rowspan for c in seen), max(c.col + c.colspan for c in seen)
        return [replace(table, cells=tuple(seen), rows=rows, cols=cols)]

    pages = render.as_pages(render.tables_of(plan, cells), as_scan)
    return read_pages_to_reading(replace(pages, kind="scan"), "0" * 64)


def test_labels_of_neighbours_that_letters_tore_apart_are_placed_between_those_that_are_whole() -> None:
    plan = form("2021")
    cells = numbered(plan)

    labels = {"7.属于行政执法案卷": ["7.属于行政", "丸法", "卷"], "8.属于行政查询事项": ["8.肩", "千行政查询", "事项"]}
    reading = scanned(plan, cells, lambda seen: torn(seen, labels))
    assert render.lies(reading, cells) == {}
    assert all(reading.cells[name].value == cells[name] for name in cells if "enforcement" in name)


def test_a_label_torn_over_neighbouring_cells_is_one_again() -> None:
    """One slip is borne in the whole of it, and it needs no neighbours."""
    plan = form("2021")
    cells = numbered(plan)
    labels = {
        "2.重复申请": ["2.重", "复甲", "请"],
        "一、本年新收政府信息公开申请数量": ["一、本年新收政府信", "息公开E", "请数量"],
    }
    reading = scanned(plan, cells, lambda seen: torn(seen, labels))
    assert render.lies(reading, cells) == {}
    places = [name for name in cells if "repeat" in name or "received" in name]
    assert all(reading.cells[name].value == cells[name] for name in places)
    assert not any("label_doubt" in reading.cells[name].flags for name in places)


def test_a_row_that_a_line_of_its_letters_parted_is_one_row() -> None:
    """Its figures reach over both parts; the label is torn at a line of letters that passed for a ruling."""
    plan = form("2021")
    cells = numbered(plan)
    label = "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"

    def change(seen: list[GridCell]) -> list[GridCell]:
        [own] = [cell for cell in seen if cell.text == label]
        made = []
        for cell in seen:
            if cell is own:
                made.append(replace(cell, text="前德人 共通"))
                made.append(replace(cell, row=cell.row + 1, text=label.replace("逾期未按", "通期人议")))
            elif cell.row == own.row:
                made.append(replace(cell, rowspan=2))
            elif cell.row > own.row:
                made.append(replace(cell, row=cell.row + 1))
            else:
                reaches = cell.row + cell.rowspan > own.row
                made.append(replace(cell, rowspan=cell.rowspan + reaches))
        return made

    reading = scanned(plan, cells, change)
    assert render.lies(reading, cells) == {}
    assert all(reading.cells[name].value == cells[name] for name in cells if "unpaid_fee" in name)

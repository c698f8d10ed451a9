"""Tables without rulings told by the form's labels: where figures stand between two labels, the others tell whose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.documents.kinds import read_pages
from archive.documents.pages import PositionedText, PositionedWord
from archive.forms.loader import form
from archive.parser.reader import read, read_pages_to_reading
from archive.parser.unruled.label_pieces import LabelPieces, in_order
from archive.parser.unruled.layouts import tables_of
from archive.parser.unruled.matches import is_figure
from archive.parser.unruled.sides import assigned
from imitation.documents.portable import pdf
from storage.records import Reading
from tests import form_rendering as render
from tests.documents.unruled import Look, report

LABELS = [(0.0, 10.0), (40.0, 50.0), (80.0, 90.0)]


def piece(text: str, x: float, y: float, page: int = 1) -> PositionedWord:
    return PositionedWord(
        text, x, y, x + 10.0 * len(text), y + 10.0, page, {"page": page, "box": [x, y, x + 10.0, y + 10.0]}
    )


@pytest.mark.parametrize(
    ("items", "wanted"),
    [
        ([(2.0, 12.0), (82.0, 92.0)], [(0, 2)]),  # beside their labels
        ([(20.0, 30.0), (60.0, 70.0)], [(0, 1), (1, 2)]),  # between labels: nothing tells
        ([(20.0, 30.0), (60.0, 70.0), (100.0, 110.0)], [(0, 1, 2)]),  # as many as labels
        ([(-30.0, -20.0), (20.0, 30.0)], [(0, 1)]),  # the first stands before all labels
        ([(60.0, 70.0), (100.0, 110.0)], [(1, 2)]),  # the last stands behind all
        ([(20.0, 30.0), (88.0, 98.0)], [(0, 2)]),  # one stands at the end of its label
        ([(2.0, 12.0), (4.0, 14.0)], []),  # two of one label
        ([], [()]),
    ],
)
def test_figures_between_two_labels(items: list[tuple[float, float]], wanted: list[tuple[int, ...]]) -> None:
    assert [way.labels for way in assigned(items, LABELS, [])] == wanted


@pytest.mark.parametrize("mark", ["/", "\\", "--", "无"])
def test_a_mark_for_nothing_takes_the_place_of_a_figure(mark: str) -> None:
    assert is_figure(piece(mark, 0, 0))


def test_lines_between_labels_tell_whose_figures_are() -> None:
    items = [(20.0, 30.0), (60.0, 70.0)]
    assert [way.labels for way in assigned(items, LABELS, [15.0])] == [(1, 2)]
    assert [way.labels for way in assigned(items, LABELS, [35.0])] == [(0, 1)]
    assert assigned(items, LABELS, [15.0, 35.0]) == []


def test_a_label_is_put_together_from_its_lines_and_no_others() -> None:
    found = LabelPieces([piece("行政", 0, 0), piece("许可", 0, 12), piece("行政", 0, 60), piece("强制", 0, 72)])
    (tile,) = found.find(("行政许可",))
    assert [p.text for p in tile.pieces] == ["行政", "许可"]
    between = LabelPieces([piece("行政", 0, 0), piece("其他", 0, 12), piece("许可", 0, 24)])
    assert between.find(("行政许可",)) == []


def test_a_label_is_not_the_beginning_of_a_longer_word() -> None:
    """其他 heads a column, and 其他对外管理服务事项 names a row of another table."""
    word = [piece(letter, 10.0 * at, 0) for at, letter in enumerate("其他对外")]
    assert LabelPieces(word).find(("其他",)) == []
    apart = [*word[:2], piece("对外", 24.0, 0)]  # the next column
    assert len(LabelPieces(apart).find(("其他",))) == 1
    assert len(LabelPieces([*word[:2], piece("12", 20.0, 0)]).find(("其他",))) == 1


def test_a_label_goes_on_below_what_is_printed_again_on_the_next_page() -> None:
    pieces = [piece("行政", 0, 0), piece("总计", 0, 20, 2), piece("许可", 0, 32, 2)]
    assert len(LabelPieces(pieces, again=("总计",)).find(("行政许可",))) == 1
    assert LabelPieces(pieces).find(("行政许可",)) == []


def test_labels_stand_in_their_order() -> None:
    pieces = LabelPieces([piece("甲", 0, 0), piece("乙", 0, 20), piece("甲", 0, 40), piece("乙", 0, 60)])
    first, second = in_order([pieces.find(("甲",)), pieces.find(("乙",))], 1.0) or []
    assert (first.y0, second.y0) == (0, 20)
    assert in_order([pieces.find(("乙",)), pieces.find(("甲",)), pieces.find(("甲",))], 1.0) is None


def scattered_of(look: Look, seed: int = 7) -> PositionedText:
    found = read_pages(report(seed, "2021", look, 0.5, 2022)[0]).positioned
    assert found is not None
    return found


def test_a_table_with_a_row_that_the_form_does_not_have_is_left_to_others() -> None:
    scattered = scattered_of(Look())
    assert {table.plan.key for table in tables_of(scattered)} == {"proactive", "applications", "remedies"}
    odd = next(p for p in scattered.pieces if "国家秘密" in p.text)
    more = replace(odd, text="9.涉及商业秘密", y0=odd.y1 + 1, y1=odd.y1 + 1 + odd.y1 - odd.y0)
    left = tables_of(replace(scattered, pieces=(*scattered.pieces, more)))
    assert {table.plan.key for table in left} == {"proactive", "remedies"}


def test_a_document_with_rulings_has_no_scattered_pieces() -> None:
    assert read_pages(pdf("某县财政局2022年政府信息公开工作年度报告", ["一、总体情况。" * 20])).positioned is None


def cells_of(reading: Reading) -> dict[str, str]:
    return {name: cell.raw for name, cell in reading.cells.items()}


def test_blank_cells_have_a_place_on_the_page() -> None:
    data, truth = report(7, "2021", Look(down=0.0, figures=1.0, tall=20.0), 0.5, 2022)
    reading = read(data)
    blank = [cell for name, cell in reading.cells.items() if truth[name] is None]
    assert blank
    assert all({"page", "box", "table", "row", "col"} <= cell.locator.keys() for cell in blank)
    assert not any(cell.flags for cell in blank)


def test_without_pieces_nothing_is_wrong_without_a_word() -> None:
    data, truth = report(7, "2021", Look(), 0.0, 2022)
    reading = read_pages_to_reading(replace(read_pages(data), positioned=None), "0" * 64)
    assert render.lies(reading, truth) == {}


MOVED = ["enterprise", "research", "public_welfare", "legal_service", "other_org", "total", "natural_person"]


def test_headings_in_another_order_than_the_forms_tell_their_columns() -> None:
    table = form("2021").table("applications")
    labels = {column.id: column.label for column in table.columns}
    places = {name: 1000.0 + 100.0 * at for at, name in enumerate(MOVED)}
    pieces = [piece(labels[name], x, 20.0) for name, x in places.items()]
    wanted: dict[str, str] = {}
    for at, row in enumerate(table.rows):
        pieces.append(piece(row.label, 50.0, 100.0 + 40.0 * at))
        for number, (name, x) in enumerate(places.items()):
            wanted[f"{row.id}.{name}"] = f"{10 * at + number}"
            pieces.append(piece(f"{10 * at + number}", x, 100.0 + 40.0 * at))
    found = tables_of(PositionedText(tuple(pieces)))
    assert [{name: figure.text for name, figure in table.figures.items()} for table in found] == [wanted]


@pytest.mark.parametrize("blocks", [["review", "direct", "after"], ["after", "direct", "review"]])
def test_blocks_in_another_order_than_the_forms_tell_their_columns(blocks: list[str]) -> None:
    names = {"review": "行政复议", "direct": "未经复议直接起诉", "after": "复议后起诉"}
    columns = ["总计", "结果维持", "结果纠正", "其他结果", "尚未审结"]
    pieces: list[PositionedWord] = []
    for at, block in enumerate(blocks):
        left = 50.0 + 500.0 * at
        pieces.append(piece(names[block], left + 200.0, 20.0))
        for number, column in enumerate(columns):
            pieces.append(piece(column, left + 100.0 * number, 50.0))
            pieces.append(piece(f"{10 * (at + 1) + number}", left + 100.0 * number, 80.0))
    found = tables_of(PositionedText(tuple(pieces)))
    figures = {name: figure.text for table in found for name, figure in table.figures.items()}
    ids = {"review": "review", "direct": "litigation.direct", "after": "litigation.after_review"}
    order = ["total", "upheld", "corrected", "other", "pending"]
    assert figures == {
        f"{ids[block]}.{name}": f"{10 * (at + 1) + number}"
        for at, block in enumerate(blocks)
        for number, name in enumerate(order)
    }

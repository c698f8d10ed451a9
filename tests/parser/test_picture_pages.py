"""Pictures in one container: a table whose head stands on one and whose figures stand on the next is found in both."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from archive.documents.pages import Pages, Paragraph, Table
from archive.forms.loader import form
from archive.parser.combining import combine
from archive.parser.picture_pages import OpenedMember, join_continued_tables
from archive.parser.reader import read_pages_to_reading
from storage.records import Reading
from tests import form_rendering as render

FORM = form("2021")
TITLE = "测试县司法局2023年政府信息公开工作年度报告"
REMEDIES = {name for name, place in FORM.places.items() if place.table == "remedies"}


def pictures(*, title: str = "", names: tuple[str, str] = ("照片2.jpg", "照片10.jpg")) -> list[OpenedMember]:
    """A report of which the figures of the last table stand alone on the second picture, below ``title`` if given."""
    blocks = render.as_pages(render.tables_of(FORM, dict.fromkeys(FORM.ids, Decimal(7)))).blocks
    first, second, last = [block for block in blocks if isinstance(block, Table)]
    end = last.rows - 1
    head = replace(last, cells=tuple(c for c in last.cells if c.row < end), rows=end)
    row = replace(last, cells=tuple(replace(c, row=0) for c in last.cells if c.row == end), rows=1)
    top: tuple[Paragraph | Table, ...] = (Paragraph(text=TITLE), first, second, head)
    below: tuple[Paragraph | Table, ...] = (*((Paragraph(text=title),) if title else ()), row)
    made: list[OpenedMember] = []
    for name, held in zip(names, (top, below), strict=True):
        pages = Pages(kind="scan", blocks=held, recognised=1)
        made.append((name, read_pages_to_reading(pages, "1" * 64), pages))
    return made


def whole(members: list[OpenedMember]) -> Reading:
    return combine(None, join_continued_tables(members))


def test_figures_on_another_picture_than_their_head_are_found_there() -> None:
    members = pictures()
    assert not REMEDIES & {cell for _, reading, _ in members for cell in reading.cells}
    reading = whole(members[::-1])
    assert set(reading.cells) == set(FORM.ids)
    assert {reading.cells[name].locator["part"] for name in REMEDIES} == {"照片10.jpg"}
    assert not [found for found in reading.findings if found.code == "table_missing"]


def test_pictures_follow_each_other_by_their_numbers() -> None:
    assert not REMEDIES & set(whole(pictures(names=("照片10.jpg", "照片2.jpg"))).cells)


def test_pictures_of_two_reports_are_not_read_as_one() -> None:
    members = pictures(title="测试县教育局2022年政府信息公开工作年度报告")
    assert [reading for _, reading in join_continued_tables(members)] == [reading for _, reading, _ in members]

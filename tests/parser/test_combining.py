"""A page and its attachments, or the members of a container → one reading."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.documents.pages import Pages, Paragraph, Table
from archive.findings import finding
from archive.forms.loader import form
from archive.forms.model import Form
from archive.identity.evidence import identify
from archive.parser.combining import combine
from archive.parser.reader import read, read_pages_to_reading
from storage.records import Part, Reading
from tests import form_rendering as render

FORM = form("2021")
TABLES = {table.key: {name for name, place in FORM.places.items() if place.table == table.key} for table in FORM.tables}
TITLE = "测试县司法局2023年政府信息公开工作年度报告"


def zeros() -> dict[str, Decimal | None]:
    return dict.fromkeys(FORM.ids, Decimal(0))


def document(title: str = TITLE, *, tables: str = "123", cells: dict[str, Decimal | None] | None = None) -> Reading:
    """A report with some of the three tables ("" is the text alone) under a title ("" is none)."""
    whole = render.as_pages(render.tables_of(FORM, zeros() | (cells or {})))
    blocks: list[Paragraph | Table] = [b for b in whole.blocks if isinstance(b, Paragraph)] if not tables else []
    if tables:
        kept = [str(n) in tables for n in (1, 2, 3)]
        blocks = [
            *whole.blocks[:3],
            *(whole.blocks[3 + 2 * n + k] for n in range(3) for k in (0, 1) if kept[n] or k == 0),
            *whole.blocks[9:],
        ]
    blocks[0] = Paragraph(text=title)
    return read_pages_to_reading(Pages(kind="docx", blocks=tuple(blocks)), title.encode().hex()[:64])


def only_table(number: int, cells: dict[str, Decimal | None] | None = None) -> Reading:
    """An attachment that is one table and nothing else."""
    whole = render.as_pages(render.tables_of(FORM, zeros() | (cells or {})))
    return read_pages_to_reading(Pages(kind="docx", blocks=(whole.blocks[2 + 2 * number],)), str(number) * 64)


def frame(title: str) -> Reading:
    """A page that only links what is attached to it."""
    part = Part(kind="attachment", url="a.docx")
    blocks = (Paragraph(text=title), Paragraph(text="附件：政府信息公开工作年度报告"))
    return read_pages_to_reading(Pages(kind="html", blocks=blocks, parts=(part,)), "f" * 64)


def codes(reading: Reading) -> set[str]:
    return {found.code for found in reading.findings}


def sources(reading: Reading) -> dict[str, set[object]]:
    return {
        table: {reading.cells[name].locator.get("part", "") for name in names if name in reading.cells}
        for table, names in TABLES.items()
    }


def test_a_page_without_parts_is_itself() -> None:
    page = document()
    assert combine(page, []) is page


def test_a_page_with_the_form_keeps_its_cells_and_its_digest() -> None:
    page = document()
    whole = combine(page, [("same.docx", document())])
    assert whole.cells == page.cells
    assert whole.content_digest == page.content_digest
    assert whole.findings == page.findings


def test_a_frame_takes_all_from_its_attachment() -> None:
    part = document()
    whole = combine(frame(TITLE), [("报告.docx", part)])
    assert whole.is_report
    assert whole.kind == "html"
    assert sources(whole) == {key: {"报告.docx"} for key in TABLES}
    assert {name: cell.value for name, cell in whole.cells.items()} == {n: c.value for n, c in part.cells.items()}
    assert {section.key for section in whole.sections} >= {"overview", "problems", "other"}
    assert "tables_absent" not in codes(whole)
    assert "我局工作。" in whole.text


def test_a_page_of_text_and_tables_in_several_attachments() -> None:
    page = document(tables="")
    assert "tables_absent" in codes(page)
    whole = combine(page, [(f"表{number}.xlsx", only_table(number)) for number in (2, 1, 3)])
    assert sources(whole) == {"proactive": {"表1.xlsx"}, "applications": {"表2.xlsx"}, "remedies": {"表3.xlsx"}}
    assert set(whole.cells) == set(FORM.ids)
    assert "tables_absent" not in codes(whole)
    assert whole.sections == page.sections
    assert whole.text == page.text
    assert whole.content_digest not in {page.content_digest, ""}


def test_the_page_gives_the_tables_it_has() -> None:
    whole = combine(document(tables="13"), [("表2.docx", only_table(2))])
    assert sources(whole) == {"proactive": {""}, "applications": {"表2.docx"}, "remedies": {""}}


def test_a_stray_row_does_not_stand_for_a_table() -> None:
    page = document(tables="13")
    name = next(iter(TABLES["applications"]))
    stray = replace(page, cells={**page.cells, name: document().cells[name]})
    whole = combine(stray, [("表2.docx", only_table(2))])
    assert sources(whole)["applications"] == {"表2.docx"}


def test_a_table_that_goes_on_in_another_part_is_one_table() -> None:
    whole = document()
    names = [name for name in FORM.ids if name in TABLES["applications"]]
    halves = [
        replace(only_table(2), cells={name: whole.cells[name] for name in part}) for part in (names[:90], names[90:])
    ]
    reading = combine(document(tables="13"), [("1.png", halves[0]), ("2.png", halves[1])])
    assert set(reading.cells) == set(FORM.ids)
    assert {reading.cells[name].locator["part"] for name in names[90:]} == {"2.png"}
    assert not {"parts_differ", "tables_absent"} & codes(reading)


def test_other_values_are_told_and_flagged() -> None:
    name = "applications.received.total"
    whole = combine(document(), [("表.docx", only_table(2, {name: Decimal(7)}))])
    assert whole.cells[name].value == 0
    assert "conflict" in whole.cells[name].flags
    told = next(found for found in whole.findings if found.code == "parts_differ")
    assert name in told.cells
    assert "表.docx" in told.zh
    assert [n for n, cell in whole.cells.items() if "conflict" in cell.flags] == list(told.cells)


def test_a_form_left_blank_on_the_page_gives_way_to_the_one_filled_in_that_is_attached() -> None:
    blank = document(cells=dict.fromkeys(FORM.ids))
    name = "applications.received.total"
    whole = combine(blank, [("a.docx", document(cells={name: Decimal(7)}))])
    assert whole.cells[name].value == 7
    assert {cell.locator.get("part") for cell in whole.cells.values()} == {"a.docx"}
    assert not any("conflict" in cell.flags for cell in whole.cells.values())
    assert [found.found for found in whole.findings if found.code == "blank_on_page"] == ["a.docx"]
    assert "tables_blank" in codes(blank)
    assert "tables_blank" not in codes(whole)
    assert "parts_differ" not in codes(whole)


def test_a_form_with_one_figure_on_the_page_is_a_print_like_another() -> None:
    name = "applications.received.total"
    page = document(cells={**dict.fromkeys(FORM.ids), name: Decimal(3)})
    whole = combine(page, [("a.docx", document(cells={name: Decimal(7)}))])
    assert whole.cells[name].value == 3
    assert "parts_differ" in codes(whole)
    assert "blank_on_page" not in codes(whole)


def test_a_form_left_blank_keeps_the_tables_that_nobody_filled_in() -> None:
    blank = document(cells=dict.fromkeys(FORM.ids))
    whole = combine(blank, [("表.docx", only_table(2, {"applications.received.total": Decimal(7)}))])
    assert list(sources(whole).values()) == [{""}, {"表.docx"}, {""}]
    assert "parts_differ" not in codes(whole)


def test_what_recognition_doubts_contradicts_nothing() -> None:
    name = "applications.received.total"
    part = only_table(2, {name: Decimal(7)})
    doubtful = replace(part.cells[name], flags=("low_confidence",))
    whole = combine(document(), [("扫描.png", replace(part, cells={**part.cells, name: doubtful}))])
    assert name not in {cell for found in whole.findings if found.code == "parts_differ" for cell in found.cells}


def test_another_years_report_is_not_merged() -> None:
    other = document("测试县司法局2022年政府信息公开工作年度报告", cells={"applications.received.total": Decimal(9)})
    whole = combine(frame(TITLE), [("上年.docx", other), ("今年.docx", document())])
    assert sources(whole) == {key: {"今年.docx"} for key in TABLES}
    assert "several_reports" in codes(whole)
    assert "上年.docx" in next(f.zh for f in whole.findings if f.code == "several_reports")
    assert not any("conflict" in cell.flags for cell in whole.cells.values())


def test_a_picture_with_a_misread_title_is_the_pages_if_its_opening_says_so() -> None:
    read_so = document("侧试县司法局2023年政府信息公开工作年度报告")
    for kind, opening, taken in (
        ("scan", "测试县司法局", True),
        ("scan", "侧试县司法局", False),
        ("docx", "测试县司法局", False),
    ):
        picture = replace(read_so, kind=kind, identity=replace(read_so.identity, statements=(opening,)))
        whole = combine(frame(TITLE), [("1.jpg", picture)])
        assert bool(whole.cells) == taken
        assert ("several_reports" in codes(whole)) != taken
    former = document("侧试县司法局2022年政府信息公开工作年度报告")
    picture = replace(former, kind="scan", identity=replace(former.identity, statements=("测试县司法局",)))
    assert not combine(frame(TITLE), [("1.jpg", picture)]).cells


def test_a_container_of_several_reports_gives_no_cell() -> None:
    members = [
        (f"{body}.docx", document(f"测试县{body}2023年政府信息公开工作年度报告")) for body in ("财政局", "教育局")
    ]
    whole = combine(None, members)
    assert (whole.is_report, whole.reason, dict(whole.cells)) == (True, "several_reports", {})
    who = identify(whole.identity)
    assert (who.agency, who.year) == (None, 2023)
    assert "several_reports" in codes(whole)


def test_a_page_that_leaves_the_year_open_does_not_choose_one() -> None:
    years = [(f"{y}.docx", document(f"测试县司法局{y}年政府信息公开工作年度报告")) for y in (2021, 2022)]
    whole = combine(frame("测试县司法局政府信息公开工作年度报告"), years)
    assert not whole.cells
    assert "several_reports" in codes(whole)


def test_the_file_name_tells_what_the_title_does_not() -> None:
    bare = document("政府信息公开工作年度报告")
    whole = combine(None, [("某/测试县司法局2022年政府信息公开工作年度报告.docx", bare)])
    who = identify(whole.identity)
    assert (who.agency, who.year) == ("测试县司法局", 2022)
    both = combine(None, [(f"测试县司法局{year}年政府信息公开工作年度报告.docx", bare) for year in (2021, 2022)])
    assert both.reason == "several_reports"


def test_an_attachment_completes_a_bare_title() -> None:
    whole = combine(frame("2023年政府信息公开工作年度报告"), [("附件.docx", document())])
    who = identify(whole.identity)
    assert (who.agency, who.year) == ("测试县司法局", 2023)


def test_a_container_of_one_report_is_that_report() -> None:
    part = document()
    whole = combine(None, [("报告.docx", part)], kind="zip", document="a" * 64)
    assert (whole.kind, whole.document, whole.title, whole.form) == ("zip", "a" * 64, part.title, "2021")
    assert whole.content_digest == part.content_digest
    assert identify(whole.identity) == identify(part.identity)
    assert [part.url for part in whole.parts] == ["报告.docx"]


def test_a_part_in_a_part_shows_its_whole_way() -> None:
    inner = combine(None, [("表.docx", document())])
    whole = combine(frame(TITLE), [("附件.zip", inner)])
    assert set().union(*sources(whole).values()) == {"附件.zip/表.docx"}


def test_cells_that_an_attachment_lacks_are_told_of_the_whole() -> None:
    part = document()
    gone = FORM.table("applications").rows[1].place_ids
    told = finding("rows_missing", cells=gone, count=1, labels="规章")
    part = replace(
        part,
        cells={name: cell for name, cell in part.cells.items() if name not in gone},
        findings=(*part.findings, told),
    )
    assert told in combine(frame(TITLE), [("报告.pdf", part)]).findings
    assert told not in combine(document(), [("报告.pdf", part)]).findings


def test_unreadable_parts_are_told() -> None:
    torn = replace(read(b"%PDF-1.7\n" + bytes(range(256)) * 8), is_report=True, unreadable="encrypted")
    whole = combine(frame(TITLE), [("坏.pdf", torn)])
    told = next(found for found in whole.findings if found.code == "part_unreadable")
    assert (told.found, told.severity) == ("encrypted", "warning")
    assert "坏.pdf" in told.zh
    complete = combine(document(), [("坏.pdf", torn)])
    assert next(f for f in complete.findings if f.code == "part_unreadable").severity == "info"
    bare = combine(None, [("坏.pdf", torn)])
    assert (bare.is_report, bare.unreadable) == (True, "encrypted")


def test_images_that_nobody_read_matter_only_where_a_table_is_missing() -> None:
    unread = replace(document(tables="").findings[0], code="needs_ocr")
    page = replace(document(tables=""), findings=(unread,))
    assert unread in combine(page, [("表1.docx", only_table(1))]).findings
    assert unread not in combine(page, [("表.docx", document())]).findings


def test_a_container_of_nothing_is_empty() -> None:
    whole = combine(None, [], kind="zip", document="b" * 64)
    assert (whole.is_report, whole.reason, whole.content_digest != "") == (False, "empty", True)


def test_what_is_no_report_stays_outside() -> None:
    notice = read("测试县2023年法治政府建设年度报告\n一、总体情况\n……".encode())
    whole = combine(document(), [("法治.txt", notice)])
    assert whole.cells == document().cells
    assert combine(None, [("法治.txt", notice)]).reason == "rule_of_law_report"


def test_text_is_checked_against_attached_tables() -> None:
    page = document(tables="")
    spoken = replace(
        page,
        sections=tuple(
            replace(s, text="2023年我局共收到政府信息公开申请5件。") if s.key == "overview" else s
            for s in page.sections
        ),
    )
    whole = combine(spoken, [("表.docx", document("", tables="123"))])
    assert "narrative_conflict" in codes(whole)


def test_the_text_of_a_page_is_no_slip_where_title_and_stated_period_disagree() -> None:
    """The year to compare with is the same for a whole report and for one in parts: none, where two are stated."""
    text = "本报告所列数据的统计期限自2022年1月1日起至2022年12月31日止。2022年，本机关主动公开政府信息250条。"
    blocks = (Paragraph(text=TITLE), Paragraph(text="一、总体情况", heading=1), Paragraph(text=text))
    page = read_pages_to_reading(Pages(kind="html", blocks=blocks), "e" * 64)
    whole = combine(page, [("tables.docx", document("", tables="123"))])
    assert set(whole.identity.period) == {2022}
    assert len(whole.cells) == len(FORM.ids)
    assert "year_slip" not in codes(whole)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(["frame", "whole", "text", "1", "2", "3", "other", "notice"]), max_size=4), st.booleans()
)
def test_whatever_is_combined_every_cell_was_printed_by_its_part(shapes: list[str], paged: bool) -> None:
    made = {
        "frame": frame(TITLE),
        "whole": document(),
        "text": document(tables=""),
        "other": document(
            "测试县财政局2020年政府信息公开工作年度报告", cells={"applications.received.total": Decimal(4)}
        ),
        "notice": read("通知".encode()),
    }
    parts = [(f"{n}.docx", made[s] if s in made else only_table(int(s))) for n, s in enumerate(shapes)]
    main = frame(TITLE) if paged else None
    whole = combine(main, parts)
    assert whole == combine(main, parts)
    named = dict(parts)
    for name, cell in whole.cells.items():
        assert named[str(cell.locator["part"])].cells[name].value == cell.value
    assert whole.content_digest


def photographed(plan: Form, at: int, *, without: int | None = None) -> list[tuple[str, Reading]]:
    """A report of any form on pictures: the table of applications begins on one and goes on, from row ``at``, on the
    next, where row ``without`` was lost.
    """
    values: dict[str, Decimal | None] = {name: Decimal(0) for name in plan.ids}
    blocks = render.as_pages(render.tables_of(plan, values)).blocks
    first, whole, last = [block for block in blocks if isinstance(block, Table)]

    def piece(begin: int, end: int) -> Table:
        cells = [
            replace(c, row=max(c.row - begin, 0), rowspan=min(c.row + c.rowspan, end) - max(c.row, begin))
            for c in whole.cells
            if c.row < end and c.row + c.rowspan > begin and c.row != without
        ]
        cells = [replace(c, text=c.text if c.row or not begin else "", locator={"confidence": 0.99}) for c in cells]
        return replace(whole, cells=tuple(cells), rows=end - begin)

    title = Paragraph(text=TITLE.replace("2023", "2020"))
    pages: list[list[Paragraph | Table]] = [[title, first], [piece(0, at)], [piece(at - 1, whole.rows), last]]
    return [
        (f"第{number}页.png", read_pages_to_reading(Pages(kind="scan", blocks=tuple(held)), str(number) * 64))
        for number, held in enumerate(pages, 1)
    ]


@pytest.mark.parametrize("name", ["2019", "2021"])
@pytest.mark.parametrize("at", [9, 17, 22])
def test_a_table_that_goes_on_in_another_picture_follows_one_form(name: str, at: int) -> None:
    plan = form(name)
    whole = combine(None, photographed(plan, at))
    assert whole.form == name
    assert set(whole.cells) == set(plan.ids)
    assert not codes(whole) & {"mixed_forms", "rows_missing", "parts_differ", "table_missing"}


def test_of_a_table_in_two_pictures_only_the_rows_that_neither_shows_are_told() -> None:
    plan = form("2019")
    whole = combine(None, photographed(plan, 12, without=20))
    gone = set(plan.ids) - set(whole.cells)
    assert {plan.places[name].table for name in gone} == {"applications"}
    assert {cell for said in whole.findings if said.code == "rows_missing" for cell in said.cells} == gone

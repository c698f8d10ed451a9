"""The whole way from bytes to the stored reading: whose report, which year and form, its cells, text and findings."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from archive.documents.kinds import open_document
from archive.documents.model import Limits
from archive.identity.evidence import identify
from archive.parser.reader import read
from archive.parser.reading import combine
from imitation.documents import archived
from storage.records import CellState, Reading

COMBINATIONS = Path(__file__).parents[1] / "cases" / "combinations"
FURNITURE = (
    "<nav><a href='/'>首页</a> <a href='/zwgk/'>政务公开</a></nav><p>您现在的位置：首页 &gt; 政务公开</p>",
    "<p>浏览次数：1234 次 【字体：大 中 小】 打印 关闭</p><div class='share'>分享到：<a href='#'>微信</a></div>"
    "<ul><li><a href='/1.html'>某县开展主题活动 2024-01-12</a></li></ul><p>主办：某县人民政府 备案号：苏ICP备1号</p>",
)


def case(name: str) -> bytes:
    return (COMBINATIONS / name).read_bytes()


def codes(reading: Reading) -> set[str]:
    return {found.code for found in reading.findings}


@pytest.mark.parametrize("name", ["pingtan_2020.html", "shuyang_fgj_2023.html"])
def test_what_a_page_prints_around_a_report_changes_nothing(shared: Path, name: str) -> None:
    page = (shared / "corpus" / name).read_text(encoding="utf-8")
    start = page.index(">", page.index("<body")) + 1
    end = page.rindex("</body>")
    around = page[:start] + FURNITURE[0] + page[start:end] + FURNITURE[1] + page[end:]
    plain, other = read(page.encode()), read(around.encode())
    assert (other.content_digest, other.title, other.cells.keys()) == (
        plain.content_digest,
        plain.title,
        plain.cells.keys(),
    )
    changed = page.replace("行政处罚", "行政处分", 1)
    assert read(changed.encode()).content_digest != plain.content_digest


def test_what_is_no_report_has_its_reason(shared: Path) -> None:
    expected = {
        "corpus/template_2021.docx": "blank_template",
        "corpus/suqian_compare_2023_2024.pdf": "comparison",
        "corpus/pingtan_letter_2014_notreport.txt": "letter",
        "real/fsou_dingxi_form_notreport.txt": "statistics",
    }
    assert {name: read((shared / name).read_bytes()).reason for name in expected} == expected
    listed = "测试县各单位2024年政府信息公开工作年度报告公示情况一览表"  # the head of its table follows the title
    head = f"<title>{listed}_政府信息公开年报_测试县人民政府</title><meta name=ArticleTitle content={listed}>"
    table = "<table><tr><td>序号<td>单位<td>发布时间<tr><td>1<td>测试县教育局<td>2025-01-11</table>"
    assert read(f"<html><head><meta charset=utf-8>{head}<h1>{listed}</h1>{table}".encode()).reason == "notice"
    assert read(b"").reason == "empty"


def test_marks_and_texts_in_cells_are_kept_and_doubted(shared: Path) -> None:
    text = (shared / "corpus" / "suqian_city_2024.txt").read_text(encoding="utf-8")
    cells = read(text.replace("\n2\n1\n12\n", "\n/\n1\n1.5\n", 1).encode()).cells
    row = [cells[f"proactive.rules.{column}"] for column in ("issued", "repealed", "in_force")]
    assert [(cell.value, cell.raw, cell.flags[:1]) for cell in row] == [
        (None, "/", ("mark",)),
        (1, "1", ()),
        (None, "1.5", ("not_integer",)),
    ]
    assert [cell.state for cell in row] == [CellState.MARK, CellState.PRINTED, CellState.PRINTED]


PAGE = "<html><body><h1>{0}</h1><p>见附件。</p><a href='a.docx'>附件：{0}</a></body></html>"
TITLE = "沂源县水利局2023年政府信息公开工作年度报告"


def test_a_page_and_its_attachment_are_one_report() -> None:
    page, attached = read(PAGE.format(TITLE).encode()), read(case("2021.word.docx"))
    whole = combine(page, [("a.docx", attached)])
    assert (whole.is_report, whole.title, whole.form) == (True, TITLE, "2021")
    assert {cell.locator["part"] for cell in whole.cells.values()} == {"a.docx"}
    assert {cell.value for cell in whole.cells.values()} == {cell.value for cell in attached.cells.values()}
    assert "tables_absent" in codes(page)
    assert "tables_absent" not in codes(whole)


def test_a_report_of_before_the_forms_lacks_no_table() -> None:
    page = read(PAGE.format(TITLE.replace("2023", "2015")).encode())
    annex = read(f"{TITLE.replace('2023', '2015')}\n一、概述\n2015年，我局公开信息12条。".encode())
    for reading in (page, annex, combine(page, [("a.txt", annex)])):
        assert (reading.is_report, reading.form, codes(reading)) == (True, "pre2019", set())


def test_an_attachment_of_another_year_is_left_out_and_told() -> None:
    page = read(PAGE.format(TITLE.replace("2023", "2024")).encode())
    whole = combine(page, [("a.docx", read(case("2021.word.docx")))])
    assert not whole.cells
    assert {"several_reports", "tables_absent"} <= codes(whole)


def test_what_two_documents_print_differently_is_told_and_doubted() -> None:
    first = read(case("2021.word.docx"))
    name, cell = next(iter(first.cells.items()))
    second = replace(first, cells={**first.cells, name: replace(cell, value=(cell.value or Decimal(0)) + 1)})
    whole = combine(first, [("b.docx", second)])
    assert [found.cells for found in whole.findings if found.code == "parts_differ"] == [(name,)]
    assert whole.cells[name].flags == ("conflict",)
    assert whole.cells[name].value == cell.value


def test_the_members_of_an_archive_are_one_report_whatever_holds_them() -> None:
    inner = archived.zipped([("年报.docx", case("2021.word.docx")), ("说明.txt", "附年报。".encode())])
    packed = archived.zipped([("年报.zip", inner)])
    reading, plain = read(packed), read(case("2021.word.docx"))
    assert (reading.kind, reading.is_report, reading.title) == ("zip", True, TITLE)
    assert {cell.locator["part"] for cell in reading.cells.values()} == {"年报.zip/年报.docx"}
    assert reading.content_digest == plain.content_digest
    shut = read(packed, limits=Limits(levels=1))
    assert (shut.cells, shut.unreadable) == ({}, "nested")


def test_several_reports_in_one_archive_are_told_and_none_is_chosen() -> None:
    reading = read(archived.zipped([("a.docx", case("2019.word.docx")), ("b.docx", case("2021.word.docx"))]))
    assert (reading.is_report, reading.reason, reading.cells) == (True, "several_reports", {})
    assert "several_reports" in codes(reading)


# ------------------------------------------------------------------------------------------- every kind, form and maker

PICTURED = ("scanned_", "pictures.")
DIGITAL = [
    path.name
    for path in sorted(COMBINATIONS.iterdir())
    if path.suffix != ".json" and not any(part in path.name for part in PICTURED)
]
MAX_DOUBTED = 0.03  # of the cells


@cache
def reading_of(name: str) -> Reading:
    return read((COMBINATIONS / name).read_bytes())


def test_a_pdf_of_pictures_is_a_scan_and_every_other_file_what_it_is() -> None:
    files = [path for path in COMBINATIONS.iterdir() if path.suffix != ".json"]
    kinds = {path.name: open_document(path.read_bytes()).kind for path in files}
    expected = {name: "scan" if "scanned_" in name else name.rpartition(".")[2] for name in kinds}
    assert kinds == {name: {"txt": "text", "wps": "doc"}.get(kind, kind) for name, kind in expected.items()}


def test_cells_tell_whether_they_were_recognised_in_pictures() -> None:
    reading = reading_of("2021.word.docx")
    assert reading.from_pictures is False
    seen = {name: replace(cell, locator={**cell.locator, "confidence": 0.98}) for name, cell in reading.cells.items()}
    empty = replace(next(iter(reading.cells.values())), raw="", value=None, state=CellState.BLANK)
    assert replace(reading, cells={**seen, empty.id: empty}).from_pictures is True
    first = next(iter(seen))
    assert replace(reading, cells={**reading.cells, first: seen[first]}).from_pictures is None


@pytest.mark.parametrize("name", DIGITAL)
def test_a_digital_document_is_read_whole(name: str) -> None:
    truth = json.loads((COMBINATIONS / f"{name.partition('.')[0]}.truth.json").read_text("utf-8"))
    reading = reading_of(name)
    assert {indicator: cell.value for indicator, cell in reading.cells.items()} == {
        indicator: None if value is None else Decimal(str(value)) for indicator, value in truth["cells"].items()
    }
    whose = identify(reading.identity)
    assert (reading.is_report, reading.form, whose.agency, whose.year) == (
        True, truth["form"], truth["agency"], truth["year"],
    )  # fmt: skip
    doubted = {indicator for indicator, cell in reading.cells.items() if cell.flags}
    doubted |= {indicator for found in reading.findings for indicator in found.cells}
    assert len(doubted) <= MAX_DOUBTED * len(reading.cells), doubted


def test_digital_documents_of_one_report_have_one_content() -> None:
    for form in ("pre2019", "2019", "2021"):
        digests = {reading_of(name).content_digest for name in DIGITAL if name.startswith(f"{form}.")}
        assert len(digests) == 1, form

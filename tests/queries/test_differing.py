"""``diff``: what belongs together side by side, what changed in it, and where it stands."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from small_archive import Site, new_archive, report_page

from archive.projection.update import update
from archive.queries.differing import WrittenParagraph, changed_parts, paragraph_changes, text_changes, without_ends
from archive.queries.masking import Secrets
from archive.queries.results import ParagraphChange
from nianbao.python_api import Archive
from storage.home import Home
from tests.played import nianbao

SFJ = "汶上县司法局"


def lines(*texts: str) -> list[WrittenParagraph]:
    return [
        WrittenParagraph(text, "ab" * 32, 1, "一、总体情况", "overview", n) for n, text in enumerate(texts, start=1)
    ]


def sides(changes: tuple[ParagraphChange, ...]) -> list[tuple[str | None, str | None]]:
    return [(one.before and one.before.text, one.after and one.after.text) for one in changes]


def test_paragraphs_that_belong_together_stand_side_by_side() -> None:
    before = lines("开头", "收到申请12件，办结12件。", "未被提起行政复议。", "结尾")
    after = lines("开头", "新增一段文字说明。", "收到申请13件，办结12件。", "被提起行政复议1件。", "结尾")
    changes = paragraph_changes(before, after)
    assert sides(changes) == [
        (None, "新增一段文字说明。"),
        ("收到申请12件，办结12件。", "收到申请13件，办结12件。"),
        ("未被提起行政复议。", "被提起行政复议1件。"),
    ]
    assert [one.op for one in changes] == ["added", "replaced", "replaced"]
    changed = changes[1]
    assert changed.before is not None
    assert changed.after is not None
    assert (changed.before.marks, changed.after.marks) == (((4, 6),), ((4, 6),))  # the whole number
    assert (changed.before.locator, changed.after.locator) == (
        {"section": 1, "paragraph": 2},
        {"section": 1, "paragraph": 3},
    )


def test_what_is_not_alike_is_gone_and_new() -> None:
    assert sides(paragraph_changes(lines("甲乙丙丁"), lines("完全不同的话"))) == [
        ("甲乙丙丁", None),
        (None, "完全不同的话"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "gone", "new"),
    [
        ("共12件", "共120件", ["12"], ["120"]),
        ("共1,200.5万元", "共1,300.5万元", ["1,200.5"], ["1,300.5"]),
        ("依法公开", "依法主动公开", [], ["主动"]),
        ("及时公开信息", "公开信息不及时", ["及时"], ["不及时"]),
        ("同", "同", [], []),
        ("", "新", [], ["新"]),
        ("Open data", "Open date", ["data"], ["date"]),
    ],
)
def test_what_changed_in_a_paragraph(before: str, after: str, gone: list[str], new: list[str]) -> None:
    first, second = changed_parts(before, after)
    assert [before[i:j] for i, j in first] == gone
    assert [after[i:j] for i, j in second] == new


@given(st.text(alphabet="公开12 a，", max_size=30), st.text(alphabet="公开12 a，", max_size=30))
def test_what_is_not_marked_is_the_same_on_both_sides(before: str, after: str) -> None:
    first, second = changed_parts(before, after)
    assert _unmarked(before, first) == _unmarked(after, second)


def _unmarked(text: str, marks: list[tuple[int, int]]) -> str:
    kept, at = [], 0
    for begin, end in marks:
        assert at <= begin < end <= len(text)
        kept.append(text[at:begin])
        at = end
    return "".join([*kept, text[at:]])


@given(st.lists(st.sampled_from("甲乙丙丁"), max_size=8), st.lists(st.sampled_from("甲乙丙丁"), max_size=8))
def test_no_paragraph_is_lost(before: list[str], after: list[str]) -> None:
    """Side by side stand exactly the lines that the runs of differing lines hold, in their order."""
    changes, runs = paragraph_changes(lines(*before), lines(*after)), text_changes(before, after)
    assert [one.before.text for one in changes if one.before] == [line for run in runs for line in run.before]
    assert [one.after.text for one in changes if one.after] == [line for run in runs for line in run.after]


def test_a_changed_paragraph_is_found_among_many_others() -> None:
    before = [f"第{at}段{chr(0x4E00 + at) * 20}" for at in range(30)]
    after = [f"{chr(0x5E00 + at) * 20}" for at in range(30)]
    after[17] = before[4] + "另行公布"
    found = paragraph_changes(lines(*before), lines(*after))
    assert [(one.before.text, one.after.text) for one in found if one.before and one.after] == [(before[4], after[17])]


def test_persons_are_masked_in_what_differs() -> None:
    said, says = without_ends(lines("同", "申请人张三丰向本机关申请"), lines("同", "电话13812345678"), Secrets())
    assert [one.text for one in said] == ["申请人张**向本机关申请"]
    assert [one.text for one in says] == ["电话138****5678"]


def test_huge_texts_come_to_an_end() -> None:
    before = lines(*(f"{number}公开" * 40 for number in range(700)))
    after = [replace(one, text=one.text[::-1]) for one in before]
    assert len(paragraph_changes(before, after)) == 700


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    url = request.getfixturevalue("lasting_postgresql_url") if request.param == "postgresql" else None
    with new_archive(tmp_path_factory.mktemp("diff") / "archive", database_url=url) as home:
        site = Site(home, first_year=2025)
        site.agency("sfj", SFJ)
        site.look("2026-01-20 09:00", site.column(), [("nb/1.html", f"{SFJ}2025年政府信息公开工作年度报告")])
        first = report_page(SFJ, 2025, {"applications.received.total": 3}, text="收到申请12件。")
        site.fetch("2026-01-20 09:01", "nb/1.html", first)
        later = report_page(SFJ, 2025, {"applications.received.total": 4}, text="收到申请13件<b>&lt;x&gt;</b>。")
        site.fetch("2026-02-09 09:01", "nb/1.html", later)
        update(home)
        yield home


def test_cells_and_text_of_two_editions(home: Home) -> None:
    found = Archive(home).diff(SFJ, 2025)
    (cell,) = found.cells
    assert (cell.id, cell.zh) == ("applications.received.total", "一、本年新收政府信息公开申请数量 / 总计")
    assert cell.en == "Applications received this year / total"
    assert cell.before is not None
    assert cell.after is not None
    assert (cell.before.value, cell.before.raw, cell.before.state.value) == (3, "3", "printed")
    assert (cell.after.value, cell.before.locator["table"]) == (4, cell.after.locator["table"])
    (text,) = found.paragraphs
    assert (text.heading, text.key, text.op) == ("一、总体情况", "overview", "replaced")
    assert text.before is not None
    assert text.after is not None
    assert [text.before.text[i:j] for i, j in text.before.marks] == ["12"]
    assert [text.after.text[i:j] for i, j in text.after.marks] == ["13", "<x>"]
    assert (text.before.document, text.after.document) == (found.before.main, found.after.main)
    assert not found.shortened


def test_the_command(tmp_path: Path, played: Path) -> None:
    words = ("diff", "济源市司法局", "2025")
    told = nianbao(*words, archive=played)
    assert told.code == 0, told.err
    assert "济源市司法局2025年政府信息公开工作年度报告«（更正）»" in told.out
    assert "section 1, paragraph 1" in told.out
    rows = nianbao(*words, "--jsonl", archive=played).rows()
    assert [row["what"] for row in rows] == ["cell"] * 5 + ["paragraph"] * 2
    lines = list(csv.DictReader(io.StringIO(nianbao(*words, "--csv", archive=played).out)))
    assert (lines[0]["before"], lines[0]["after"], lines[0]["before_state"]) == ("18", "19", "printed")
    assert (lines[-1]["what"], lines[-1]["change"], lines[-1]["after"][:5]) == ("paragraph", "added", "更正说明：")
    page = tmp_path / "diff.html"
    assert nianbao(*words, "--html", str(page), archive=played).code == 0
    read = html.fromstring(page.read_bytes().decode())
    assert [one.text for one in read.iter("ins")][-2:-1] == ["（更正）"]
    assert not list(read.iter("script", "link", "img"))


@pytest.mark.parametrize(
    ("lang", "label"),
    [("en", "Administrative penalties / decisions this year"), ("zh", "行政处罚 / 本年处理决定数量")],
)
def test_cells_are_named_in_the_language_of_the_reader(tmp_path: Path, played: Path, lang: str, label: str) -> None:
    words, page = ("diff", "济源市司法局", "2025", "--lang", lang), tmp_path / "diff.html"
    assert label in nianbao(*words, archive=played).out
    assert nianbao(*words, "--html", str(page), archive=played).code == 0
    assert label in [one.text for one in html.fromstring(page.read_bytes().decode()).iter("th")]


def test_what_a_portal_wrote_is_text_on_the_page(home: Home, tmp_path: Path) -> None:
    from nianbao.cli.texts.difference_page import page

    read = html.fromstring(page(Archive(home).diff(SFJ, 2025)))
    assert [one.text for one in read.iter("ins")] == ["4", "13", "<x>"]

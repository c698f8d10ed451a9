"""What a report says of itself that cannot be, or says twice and differently."""

from __future__ import annotations

from decimal import Decimal

import pytest

from archive.documents.pages import Pages, Paragraph
from archive.forms.loader import form
from archive.parser.reader import read_pages_to_reading
from storage.records import Finding
from tests import form_rendering as render

FORM = form("2021")
TITLE = "汶上县司法局2024年政府信息公开工作年度报告"
PERIOD = "本报告所列数据的统计期限自2024年1月1日起至2024年12月31日止。"
SIGNED = "2025年1月20日"


def told(
    *, title: str = TITLE, page: str = "", kind: str = "html", opening: str = PERIOD, signed: str = SIGNED
) -> list[Finding]:
    lines = (title, "一、总体情况", opening, "二、主动公开政府信息情况", "无。", "汶上县司法局", signed)
    pages = Pages(kind=kind, blocks=tuple(Paragraph(text=line) for line in lines), title=page)
    codes = {"title_conflict", "period_impossible", "signature_date", "draft"}
    return [found for found in read_pages_to_reading(pages, "0" * 64).findings if found.code in codes]


@pytest.mark.parametrize(
    ("page", "kind", "conflict"),
    [
        ("沂源县司法局2024年政府信息公开工作年度报告", "html", True),
        ("汶上县司法局2023年政府信息公开工作年度报告_汶上县人民政府", "html", True),
        ("汶上县司法局2023年政府信息公开工作年度报告", "docx", False),
        ("司法局2024年政府信息公开年报-汶上县人民政府", "html", False),
        ("2023年政府信息公开工作年度报告", "html", False),
        ("汶上县人民政府", "html", False),
        ("", "html", False),
    ],
)
def test_titles_that_differ(page: str, kind: str, *, conflict: bool) -> None:
    assert [found.code for found in told(page=page, kind=kind)] == ["title_conflict"] * conflict


@pytest.mark.parametrize(
    ("lines", "conflict"),
    [
        (["沂源县司法局2023年政府信息公开工作年度报告"], True),
        (["汶上县司法局2023年政府信息公开工作年度报告", "汶上县司法局2022年政府信息公开工作年度报告"], False),
        (["上一篇：汶上县司法局2023年政府信息公开工作年度报告"], False),
    ],
)
def test_another_title_above_the_text(lines: list[str], *, conflict: bool) -> None:
    said = (TITLE, *lines, "一、总体情况", PERIOD, "二、主动公开政府信息情况", "无。")
    reading = read_pages_to_reading(Pages(kind="html", blocks=tuple(Paragraph(text=text) for text in said)), "0" * 64)
    assert reading.is_report
    assert ("title_conflict" in {found.code for found in reading.findings}) == conflict


@pytest.mark.parametrize(
    ("text", "conflict"),
    [
        ("2024年，汶上县财政局认真落实政府信息公开各项要求。", True),
        ("2024年汶上县财政局认真落实各项要求。", True),
        ("2024年，汶上县司法局认真落实各项要求。", False),
        ("2024年，我局认真落实各项要求。汶上县财政局认真协助。", False),
        ("2024年，在汶上县人民政府办公室指导下，市司法局按照要求公开信息。", False),
        ("2024年，汶上县司法局按照汶上县财政局坚持的做法公开信息。", False),
    ],
)
def test_a_first_sentence_about_another_body(text: str, *, conflict: bool) -> None:
    said = (TITLE, PERIOD, "一、总体情况", text, "二、主动公开政府信息情况", "无。")
    reading = read_pages_to_reading(Pages(kind="html", blocks=tuple(Paragraph(text=one) for one in said)), "0" * 64)
    found = [one.found for one in reading.findings if one.code == "agency_conflict"]
    assert found == (["汶上县财政局"] if conflict else [])


@pytest.mark.parametrize(
    ("heading", "caption", "conflict"),
    [
        ("二、主动公开政府信息情况", "填报单位：汶上县教育局", "汶上县教育局"),
        ("二、主动公开政府信息情况", "汶上县教育局2024年主动公开政府信息情况表", "汶上县教育局"),
        ("二、主动公开政府信息情况", "2024年全县政府信息公开情况统计表", "全县"),
        ("二、主动公开政府信息情况", "汶上县教育局2024年政府信息公开工作年度报告", "汶上县教育局"),
        ("二、汶上县教育局主动公开政府信息情况", "", "汶上县教育局"),
        ("二、主动公开政府信息情况", "填报单位（盖章）：司法局", ""),
        ("二、本机关主动公开政府信息情况", "附件：汶上县司法局2024年政府信息公开工作年度报告统计表", ""),
        ("二、2024年主动公开政府信息情况", "汶上县教育局协助填写。", ""),
    ],
)
def test_a_caption_of_another_body(heading: str, caption: str, conflict: str) -> None:
    tables = render.as_pages(render.tables_of(FORM, dict.fromkeys(FORM.ids, Decimal(3)))).blocks[4:]
    lines = (TITLE, PERIOD, heading, *([caption] if caption else []))
    pages = Pages(kind="html", blocks=(*(Paragraph(text=line) for line in lines), *tables))
    found = [one.found for one in read_pages_to_reading(pages, "0" * 64).findings if one.code == "agency_conflict"]
    assert found == ([conflict] if conflict else [])


@pytest.mark.parametrize(
    ("period", "impossible"),
    [
        ("从2024年1月1日起至2023年12月31日止", True),
        ("自2024年1月1日至2025年12月31日", True),
        ("2024年1月1日-2024年12月32日", True),
        ("2024年2月1日至1月31日", True),
        ("自20241月1日起至202512月31日止", True),
        ("自20241月1日起至202412月31日止", False),
        ("2024年1月1日" + "—-" * 200 + "至", False),
        ("自2024年1月1日起，至12月31日止", False),
        ("2024年1月1日—12月31日", False),
        ("2024 年 5 月 1 日至 12 月 31 日", False),
        ("2024年1月1日至2024年11月30日", False),
    ],
)
def test_a_period_that_cannot_be(period: str, *, impossible: bool) -> None:
    found = told(opening=f"本报告中所列数据的统计期限{period}。")
    assert [one.code for one in found] == ["period_impossible"] * impossible


@pytest.mark.parametrize(
    ("sentence", "stops"),
    [
        ("本报告中所列数据的统计期限自2024年1月1日至2024年11月30日。", True),
        ("本年度报告的统计时限为2024年1月1日起至10月31日止。", True),
        ("2024年3月1日至4月30日期间，开展政务公开宣传。", False),
        (PERIOD, False),
    ],
)
def test_a_period_that_stops_before_the_year_was_over(sentence: str, *, stops: bool) -> None:
    lines = (TITLE, sentence, "一、总体情况", "无。", "二、主动公开政府信息情况", "无。")
    pages = Pages(kind="html", blocks=tuple(Paragraph(text=one) for one in lines))
    codes = [found.code for found in read_pages_to_reading(pages, "0" * 64).findings]
    assert codes.count("period_incomplete") == stops


@pytest.mark.parametrize(
    ("signed", "severity"),
    [
        (SIGNED, None),
        ("2024年12月28日", None),
        ("二〇二五年十一月二日", None),
        ("2025.1.20", None),
        ("2025年1月", None),
        ("2026-01-20", None),  # as a page prints when it was put there anew
        ("2024年1月20日", "warning"),
        ("2024-01-20", "warning"),
        ("2024.1.20", "warning"),
        ("２０２４／１／２０", "warning"),
        ("2024年1月", "warning"),
        ("二〇二四年一月", "warning"),
        ("2024年1月20日印发", "warning"),
        ("汶上县司法局 2024年1月20日", "warning"),
        ("汶上县召开政务公开培训会 2024-01-20", None),
        ("统计截至2024年6月30日", None),
        ("2026年1月20日", "info"),
        ("2035年1月20日", "warning"),
        ("2025年13月40日", "warning"),
    ],
)
def test_a_signature_of_another_time(signed: str, severity: str | None) -> None:
    found = told(signed=signed)
    assert [(one.code, one.severity) for one in found] == ([("signature_date", severity)] if severity else [])


def test_a_date_under_another_name_is_no_signature() -> None:
    lines = (TITLE, "一、总体情况", PERIOD, "二、主动公开政府信息情况", "无。", "济宁市司法局召开培训会", "2024-01-20")
    reading = read_pages_to_reading(Pages(kind="html", blocks=tuple(Paragraph(text=one) for one in lines)), "0" * 64)
    assert reading.is_report
    assert "signature_date" not in {found.code for found in reading.findings}


@pytest.mark.parametrize("word", ["征求意见稿", "送审稿", "草稿", "初稿", "第二稿", "模板", "终稿"])
@pytest.mark.parametrize("below", [False, True])
def test_a_draft_is_told(word: str, *, below: bool) -> None:
    tables = render.as_pages(render.tables_of(FORM, dict.fromkeys(FORM.ids, Decimal(3)))).blocks[1:]
    titles = (TITLE, f"（{word}）") if below else (f"{TITLE}（{word}）",)
    pages = Pages(kind="html", blocks=(*(Paragraph(text=title) for title in titles), *tables))
    reading = read_pages_to_reading(pages, "0" * 64)
    assert reading.is_report
    assert ("draft" in {found.code for found in reading.findings}) == (word != "终稿")


@pytest.mark.parametrize(
    ("page", "kind", "draft"),
    [
        ("2019年政府信息公开工作年度报告（模板）", "docx", False),
        ("沂源县司法局2023年政府信息公开工作年度报告（送审稿）", "docx", False),
        (f"{TITLE}（送审稿）", "docx", True),
        ("2024年政府信息公开工作年度报告（模板）", "html", True),
    ],
)
def test_a_files_own_title_makes_no_draft_of_another_report(page: str, kind: str, *, draft: bool) -> None:
    assert [found.code for found in told(page=page, kind=kind)] == ["draft"] * draft


def test_a_body_that_is_left_open_in_the_opening_is_told_and_taken_for_none() -> None:
    made = "本年度报告根据《政府信息公开条例》要求,由xx县中医院编制完成。"
    lines = ("政府信息公开工作年度报告", made, "一、概述", "2023年,我院公开12条。")
    reading = read_pages_to_reading(Pages(kind="html", blocks=tuple(Paragraph(text=one) for one in lines)), "0" * 64)
    assert [found.found for found in reading.findings if found.code == "draft"] == ["xx县"]
    assert not reading.identity.statements


def test_the_same_title_again_with_the_pages_buttons_before_it_is_no_other() -> None:
    again = (TITLE.removesuffix("2024年政府信息公开工作年度报告"), "2024年政府信息公开工作年度报告")
    lines = ("登录 注册", TITLE, *again, "一、总体情况", PERIOD)
    reading = read_pages_to_reading(Pages(kind="html", blocks=tuple(Paragraph(text=one) for one in lines)), "0" * 64)
    assert "title_conflict" not in {found.code for found in reading.findings}

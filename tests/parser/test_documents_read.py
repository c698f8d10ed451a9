"""Whole texts → is it a report, whose, of which year, what is told; and nothing raises for any bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.documents.pages import Pages, Paragraph, Table
from archive.forms.loader import form
from archive.parser.reader import read, read_pages_to_reading
from storage.records import Reading
from tests import form_rendering as render

OPENING = (
    "本报告由测试县司法局根据《中华人民共和国政府信息公开条例》编制。"
    "本报告所列数据的统计期限自2023年1月1日起至2023年12月31日止。"
)


def text_of(*lines: str) -> Reading:
    return read("\n".join(lines).encode())


def report(narrative: str, cells: dict[str, Decimal | None] | None = None) -> Reading:
    """A report on the 2021 form whose first section is ``narrative``."""
    plan = form("2021")
    pages = render.as_pages(render.tables_of(plan, cells or dict.fromkeys(plan.ids, Decimal(0))))
    blocks = list(pages.blocks)
    blocks[2] = Paragraph(text=narrative)
    return read_pages_to_reading(replace(pages, blocks=tuple(blocks)), "0" * 64)


def codes(reading: Reading) -> list[str]:
    return [found.code for found in reading.findings]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600))
def test_nothing_raises_for_any_bytes(data: bytes) -> None:
    assert read(data).content_digest


@pytest.mark.parametrize(
    "head", [b"%PDF-1.7\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<html><table><tr><td>"]
)
def test_nothing_raises_for_torn_containers(head: bytes) -> None:
    reading = read(head + bytes(range(256)) * 8)
    assert reading.document
    assert not reading.cells


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("",), "empty"),
        (("您访问的页面不存在", "返回首页"), "soft_404"),
        (("404错误", "返回首页"), "soft_404"),
        (("该信息不存在", "返回首页"), "soft_404"),
        (("正在进行安全验证，请稍候",), "challenge"),
        (("测试县2023年法治政府建设年度报告", "一、总体情况", "……"), "rule_of_law_report"),
        (("测试县政府网站工作年度报表（2023年度）", "填报单位"), "website_report"),
        (("关于2014年政府信息公开工作要点落实情况的函", "省政府办公厅："), "letter"),
        (("测试镇政务公开工作情况报告", "现对我镇上半年政务公开工作情况报告如下。", "一、总体情况"), "part_of_year"),
    ],
)
def test_what_is_no_report_says_why(lines: tuple[str, ...], reason: str) -> None:
    reading = text_of(*lines)
    assert (reading.is_report, reading.reason, dict(reading.cells)) == (False, reason, {})


@pytest.mark.parametrize("said", ["收到政府信息公开申请2件，答复信息不存在2件。", "主动公开政府信息404条。"])
def test_a_short_report_whose_answers_or_counts_sound_like_a_page_that_is_gone_is_one(said: str) -> None:
    assert text_of("测试县财政局2023年政府信息公开工作年度报告", "一、总体情况", f"2023年，我局{said}").is_report


def test_an_empty_form_of_nobody_is_a_template_and_of_somebody_a_report() -> None:
    plan = form("2021")
    pages = render.as_pages(render.tables_of(plan, {}))
    nobody = (Paragraph(text="政府信息公开工作年度报告格式"), *pages.blocks[3:])
    assert read_pages_to_reading(replace(pages, blocks=nobody), "0" * 64).reason == "blank_template"
    assert read_pages_to_reading(pages, "0" * 64).is_report
    untitled = Paragraph(text="2023年政府信息公开工作年度报告")
    assert not read_pages_to_reading(replace(pages, blocks=(untitled, *nobody[1:])), "0" * 64).is_report
    strange = [
        replace(block, cells=tuple(replace(cell, text=cell.text or "[2J 5") for cell in block.cells))
        for block in pages.blocks
        if isinstance(block, Table)
    ]
    assert read_pages_to_reading(replace(pages, blocks=(untitled, *strange)), "0" * 64).is_report
    slashes = [
        replace(block, cells=tuple(replace(cell, text=cell.text or "/") for cell in block.cells))
        for block in pages.blocks
        if isinstance(block, Table)
    ]
    marked = read_pages_to_reading(replace(pages, blocks=tuple(slashes)), "0" * 64)
    assert (marked.is_report, {cell.flags for cell in marked.cells.values()}) == (True, {("mark",)})


def test_headings_without_tables_are_never_zeros() -> None:
    reading = text_of("测试县民意乡", "2021年政府信息公开工作年度报告", "一、总体情况", "零报告。", *render.HEADINGS)
    assert reading.is_report
    assert (dict(reading.cells), codes(reading)) == ({}, ["tables_absent"])
    assert reading.identity.titles[0] == "测试县民意乡2021年政府信息公开工作年度报告"


def test_the_opening_names_agency_and_period() -> None:
    said = text_of(render.TITLE, OPENING, "一、总体情况").identity
    assert said.statements == ("测试县司法局",)
    assert said.period == (2023,)


def test_a_signature_is_read_with_its_date() -> None:
    said = text_of(
        render.TITLE, "一、总体情况", "六、其他需要报告的事项", "无", "测试县司法局", "二〇二四年一月十二日"
    ).identity
    assert "测试县司法局" in said.statements
    witness = next(date for date in said.dates if date.origin == "signature")
    assert witness.at == datetime(2024, 1, 12, tzinfo=timezone(timedelta(hours=8)))


def test_a_correction_is_what_the_text_says_of_itself() -> None:
    assert text_of(render.TITLE, "现予以更正，原公布的数据有误。", "一、总体情况").identity.corrected
    assert text_of(render.TITLE, "本报告于2026年8月6日更正。", "一、总体情况").identity.corrected
    assert not text_of(render.TITLE, "本报告于2026年1月按照修订后的格式编制。", "一、总体情况").identity.corrected
    assert not text_of(render.TITLE, "一、总体情况", "全年修订规范性文件16件，更正网站错字3处。").identity.corrected


def test_a_correction_stands_in_the_title_that_a_page_bears_for_machines() -> None:
    def page(title: str) -> bool:
        head = f'<meta charset="utf-8"><meta name="ArticleTitle" content="{title}">'
        return read(f"<html><head>{head}</head><body><p>{OPENING}</p></body></html>".encode()).identity.corrected

    assert page("测试县司法局2023年政府信息公开工作年度报告（更正）")
    assert not page("测试县司法局2023年政府信息公开工作年度报告")


@pytest.mark.parametrize(
    "sentence",
    [
        "2023年，共收到政府信息公开申请5件。",
        "共收到政府信息公开申请6件，办结6件。",
        "2022年，我局公开政府信息35条，同比增长20%。",
        "2022年，县政府印发《测试县规定》（测政〔2022〕15号）。",
        "主动公开政府信息571条，其中机构职能1条，法治建设570条。",
        "行政复议0件，行政诉讼0件。",
    ],
)
def test_sentences_that_agree_raise_no_alarm(sentence: str) -> None:
    cells: dict[str, Decimal | None] = dict.fromkeys(form("2021").ids, Decimal(0))
    for row, total in (("received", 5), ("carried_in", 1), ("result.granted", 6), ("result.total", 6)):
        cells[f"applications.{row}.natural_person"] = cells[f"applications.{row}.total"] = Decimal(total)
    assert codes(report(sentence, cells)) == []


@pytest.mark.parametrize("said", ["9,500元", "0.95万元"])
def test_fees_that_the_text_gives_in_another_unit_are_doubted(said: str) -> None:
    cells: dict[str, Decimal | None] = dict.fromkeys(form("2021").ids, Decimal(0))
    cells["proactive.admin_fee.amount"] = Decimal(9500)
    assert codes(report(f"2023年收取行政事业性收费{said}。", cells)) == ["unit_doubt"]
    assert codes(report("2023年收取行政事业性收费9500万元。", cells)) == []


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        ("2023年共收到政府信息公开申请7件。", "narrative_conflict"),
        ("本年度办理行政复议3件，行政诉讼0件，均因政府信息公开而起。", "narrative_conflict"),
        ("2022年，我局在县政府网站发布政府信息35条。", "year_slip"),
        ("主动公开政府信息20条，其中网站15条，公众号9条。", "subtotal_differs"),
    ],
)
def test_sentences_that_do_not_are_told(sentence: str, code: str) -> None:
    assert codes(report(sentence)) == [code]


def test_rules_by_a_bureau_are_told() -> None:
    cells: dict[str, Decimal | None] = dict.fromkeys(form("2021").ids, Decimal(0))
    cells["proactive.rules.in_force"] = Decimal(7)
    assert codes(report("我局工作。", cells)) == ["rules_by_other_body"]


def test_a_broken_sum_is_told_with_both_sides_and_changes_nothing() -> None:
    cells: dict[str, Decimal | None] = dict.fromkeys(form("2021").ids, Decimal(0))
    cells["review.total"] = Decimal(2)
    reading = report("我局工作。", cells)
    told = [found for found in reading.findings if found.code == "identity_broken"]
    assert [(f.found, f.expected, "review.total" in f.cells) for f in told] == [("2", "0", True)]
    assert reading.cells["review.total"].value == 2


def test_furniture_makes_no_other_content() -> None:
    plain = text_of(render.TITLE, "发布时间：2024-01-12", "浏览次数：12", "一、总体情况", "我局全年公开信息35条。")
    other = text_of(
        render.TITLE, "发布时间：2024-03-01", "浏览次数：980", "一、总体情况", "我局全年公开信息 35 条。", "打印 关闭"
    )
    changed = text_of(render.TITLE, "一、总体情况", "我局全年公开信息36条。")
    assert plain.content_digest == other.content_digest != changed.content_digest


def test_a_figure_more_is_other_content() -> None:
    cells: dict[str, Decimal | None] = dict.fromkeys(form("2021").ids, Decimal(0))
    before = report("我局工作。", cells).content_digest
    assert report("我局工作。", {**cells, "review.total": None}).content_digest != before
    assert report("我局工作。", dict(cells)).content_digest == before


def test_sections_by_their_headings() -> None:
    reading = text_of(
        render.TITLE, "一、工作基本情况", "甲。", "五、存在问题及改进情况", "乙。", "6、 其他需要报告的事项", "无"
    )
    assert [(part.key, part.text) for part in reading.sections[1:]] == [
        ("overview", "甲。"),
        ("problems", "乙。"),
        ("other", "无"),
    ]


def test_what_cannot_be_read_is_no_report_by_itself_and_says_why() -> None:
    reading = read_pages_to_reading(Pages(kind="pdf", blocks=(), unreadable="encrypted"), "0" * 64)
    assert (reading.is_report, reading.reason, reading.unreadable) == (False, "encrypted", "encrypted")
    assert codes(reading) == ["unreadable"]
    assert reading.content_digest == "0" * 64


def test_text_in_gbk_is_the_same_reading() -> None:
    text = f"{render.TITLE}\n{OPENING}\n一、总体情况\n我局工作。"
    assert read(text.encode("gb18030")).content_digest == read(text.encode()).content_digest


def test_a_column_of_reports_is_no_report() -> None:
    names = ("司法局", "教育局", "财政局", "民政局")
    reading = text_of("政府信息公开年报", *(f"测试县{name}2023年政府信息公开工作年度报告 2024-01-12" for name in names))
    assert (reading.is_report, reading.reason) == (False, "listing")


def test_a_page_that_only_embeds_a_file_stays_a_report() -> None:
    page = f"<html><head><title>{render.TITLE}</title></head><body><iframe src='/files/a.pdf'></iframe></body></html>"
    reading = read(page.encode())
    assert reading.is_report
    assert [part.url for part in reading.parts] == ["/files/a.pdf"]


def test_rows_of_other_tables_are_no_rows_of_the_form() -> None:
    rows = "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in (("类别", "数"), ("行政许可", 12), ("行政处罚", 3)))
    title = "测试县司法局2016年政府信息公开工作年度报告"
    page = f"<html><body><h1>{title}</h1><p>一、概述</p><table>{rows}</table><p>二、依申请公开</p></body></html>"
    reading = read(page.encode())
    assert reading.is_report
    assert dict(reading.cells) == {}
    assert reading.form == "pre2019"


def test_headings_of_before_2019_give_other_documents_no_form() -> None:
    heads = "一、主动公开政府信息情况\n无\n二、依申请公开政府信息情况\n无\n三、收费及减免情况\n无\n"
    assert read(f"测试县司法局2016年政府信息公开工作年度报告\n{heads}".encode()).form == "pre2019"
    accounts = read(f"测试县司法局2016年决算公开报告\n{heads}".encode())
    assert (accounts.is_report, accounts.form) == (False, None)


def test_the_table_of_remedies_alone_is_read() -> None:
    plan = form("2021")
    cells: dict[str, Decimal | None] = {name: Decimal(i) for i, name in enumerate(plan.ids)}
    pages = render.as_pages(render.tables_of(plan, cells))
    tables = [block for block in pages.blocks if not isinstance(block, Paragraph)]
    reading = read_pages_to_reading(replace(pages, blocks=(Paragraph(text=render.TITLE), tables[2])), "0" * 64)
    assert len(reading.cells) == 15
    assert render.lies(reading, cells) == {}


def notice(*lines: str, blank: bool = True) -> Reading:
    """A blank (or zero) form of 2021 under ``lines``."""
    plan = form("2021")
    value = None if blank else Decimal(0)
    pages = render.as_pages(render.tables_of(plan, dict.fromkeys(plan.ids, value)))
    texts: list[Paragraph] = [Paragraph(text=line) for line in lines]
    return read_pages_to_reading(replace(pages, blocks=(*texts, *pages.blocks[1:])), "0" * 64)


def test_a_notice_with_the_blank_form_is_a_notice() -> None:
    reading = notice(
        "关于做好2023年度政府信息公开工作年度报告编制工作的通知", "各乡镇人民政府，县直各部门：", "测试县人民政府办公室"
    )
    assert (reading.is_report, reading.reason) == (False, "notice")
    filled = notice("测试县司法局2023年政府信息公开工作年度报告", "本报告由测试县司法局编制。")
    assert filled.is_report
    assert len(filled.cells) == 200


ASKING = ["关于报送2023年政府信息公开工作年度报告的通知", "关于印发2023年政府信息公开工作年度报告的通知"]


@pytest.mark.parametrize("title", ASKING)
@pytest.mark.parametrize("value", [0, 3])
def test_a_notice_with_an_example_of_the_form_is_a_notice(title: str, value: int) -> None:
    """Unless it has a report's sections as well: some publish theirs below such a title."""
    plan = form("2021")
    pages = render.as_pages(render.tables_of(plan, dict.fromkeys(plan.ids, Decimal(value))))
    said = [Paragraph(text=line) for line in (title, "各单位：", "请于2024年1月20日前报送。")]
    tables = [block for block in pages.blocks if not isinstance(block, Paragraph)]
    reading = read_pages_to_reading(replace(pages, blocks=(*said, *tables)), "0" * 64)
    assert (reading.is_report, reading.reason, dict(reading.cells)) == (False, "notice", {})
    assert read_pages_to_reading(replace(pages, blocks=(said[0], *pages.blocks[1:])), "0" * 64).is_report


@pytest.mark.parametrize("blank", [True, False])
def test_a_template_with_model_sentences_is_a_template(*, blank: bool) -> None:
    reading = notice(
        "2023年政府信息公开工作年度报告参考模板", "本报告由XX局按照条例编制。", "2023年，我局坚持……。", blank=blank
    )
    assert (reading.is_report, reading.reason) == (False, "blank_template")


def test_a_salutation_is_no_part_of_a_title() -> None:
    reading = text_of(
        "关于2023年度政府信息公开工作年度报告发布情况的通报", "各镇街道、县直部门：", "截至1月31日全部发布。"
    )
    assert (reading.is_report, reading.reason) == (False, "notice")


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("测试县司法局2023年上半年政府信息公开工作报告", "part_of_year"),
        ("测试县司法局2023年政府信息公开工作年度报告（上半年）", "part_of_year"),
        ("测试县司法局2023年政府信息公开工作年度报告（1-12月）", ""),
        ("测试县2023年第四季度政府信息公开申请办理情况", "part_of_year"),
        ("测试县2023年1-6月政府信息公开申请办理情况统计表", "part_of_year"),
        ("测试县司法局2023年1-12月政府信息公开情况统计表", ""),
        ("测试县司法局2023年第四季度及全年政府信息公开情况统计表", ""),
        ("测试县司法局2023年政府信息公开工作年度报告", ""),
    ],
)
def test_figures_of_a_part_of_the_year_on_the_form_are_no_annual_report(title: str, reason: str) -> None:
    plan = form("2021")
    pages = render.as_pages(render.tables_of(plan, dict.fromkeys(plan.ids, Decimal(7))))
    reading = read_pages_to_reading(
        replace(pages, blocks=(Paragraph(text=title), *pages.blocks[1:]), title=title), "0" * 64
    )
    assert (reading.is_report, reading.reason) == (not reason, reason)

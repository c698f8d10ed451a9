"""Figures that only the text states: which are certain, and that they are never cells."""

from __future__ import annotations

import pytest

from archive.documents.pages import Pages, Paragraph, Table
from archive.forms.loader import form
from archive.parser.reader import read_pages_to_reading
from archive.parser.stated import stated, stated_findings
from storage.records import Reading
from tests import form_rendering as render

TITLE = "汶上县司法局2024年政府信息公开工作年度报告"
RECEIVED = "applications.received"
RESULT = "applications.result"


def reading_of(*paragraphs: str, table: str = "") -> Reading:
    """A report with these paragraphs and, of the form's tables, the one of that key alone."""
    said = (TITLE, "一、总体情况", *paragraphs, "五、存在的主要问题及改进情况", "收到政府信息公开申请99件。")
    plan = form("2021")
    drawn = render.as_pages(render.tables_of(plan, dict.fromkeys(plan.ids, None))).blocks
    tables = zip(plan.tables, (block for block in drawn if isinstance(block, Table)), strict=True)
    blocks: list[Paragraph | Table] = [Paragraph(text=text) for text in said]
    blocks += [block for planned, block in tables if planned.key == table]
    return read_pages_to_reading(Pages(kind="docx", blocks=tuple(blocks)), "0" * 64)


def figures(*paragraphs: str) -> dict[str, int]:
    reading = reading_of(*paragraphs)
    assert reading.is_report
    assert not reading.cells
    return {one.id: int(one.value) for one in stated(reading)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "2024年，本年新收政府信息公开申请12件，其中自然人10件、商业企业2件；予以公开8件，部分公开2件，不予公开1件（属于国家秘密1件），"
            "无法提供1件。",
            {
                f"{RECEIVED}.total": 12,
                f"{RECEIVED}.natural_person": 10,
                f"{RECEIVED}.enterprise": 2,
                f"{RESULT}.granted.total": 8,
                f"{RESULT}.partial.total": 2,
                "derived.applications.denied_all.total": 1,
                f"{RESULT}.denied.state_secret.total": 1,
                "derived.applications.unable_all.total": 1,
            },
        ),
        ("收到政府信息公开申请12件（自然人10件，科研机构2件），已全部办结。",
         {f"{RECEIVED}.total": 12, f"{RECEIVED}.natural_person": 10, f"{RECEIVED}.research": 2}),
        ("全年未收到政府信息公开申请。", {f"{RECEIVED}.total": 0}),
        ("因政府信息公开引发的行政复议2件，其中维持1件，纠正1件，行政诉讼1件。",
         {"review.total": 2, "review.upheld": 1, "review.corrected": 1}),
        ("我局政府信息公开行政复议2件。", {"review.total": 2}),
        ("收到要求公开政府信息的申请3件。", {f"{RECEIVED}.total": 3}),
        ("全年没有公民、法人或其他组织向我局提出政府信息公开申请。", {f"{RECEIVED}.total": 0}),
        ("我局未接到要求提供政府信息公开的申请。", {f"{RECEIVED}.total": 0}),
        ("本年度未制发行政规范性文件。", {"proactive.normative.issued": 0}),
        ("制发规范性文件总数2件。", {"proactive.normative.issued": 2}),
        ("对申请的答复总数16件，其中同意公开答复数15件，不予公开答复数1件。",
         {f"{RESULT}.granted.total": 15, "derived.applications.denied_all.total": 1}),
        ("政府信息公开行政复议总计3件。", {"review.total": 3}),
        ("汶上县司法局2024年度收到政府信息公开申请12件。", {f"{RECEIVED}.total": 12}),
        ("在县政府的领导下，我局依法依规共收到政府信息公开申请12件。", {f"{RECEIVED}.total": 12}),
        ("（二）依申请公开方面，据统计，全年收到政府信息公开申请12件。", {f"{RECEIVED}.total": 12}),
        ("全年作出行政许可决定55件。", {"proactive.admin_license.decided": 55}),
        ("共收到政府信息公开申请12件，结转下年度继续办理2件。", {"applications.carried_out.total": 2}),
        ("共收到政府信息公开申请12件，上年结转2件，共办理14件。", {"applications.carried_in.total": 2}),
        ("新收政府信息公开申请12件，上年结转2件。", {f"{RECEIVED}.total": 12, "applications.carried_in.total": 2}),
    ],
)  # fmt: skip
def test_whole_statements_are_taken(text: str, found: dict[str, int]) -> None:
    assert figures(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "2023年收到政府信息公开申请12件。",
        "2022年至2024年，共收到政府信息公开申请12件。",
        "近三年共收到政府信息公开申请12件。",
        "2024年上半年收到政府信息公开申请12件。",
        "收到政府信息公开申请约12件。",
        "收到政府信息公开申请10余件。",
        "全县共收到政府信息公开申请12件。",
        "县政府收到政府信息公开申请12件。",
        "其中收到政府信息公开申请12件。",
        "通过网络收到政府信息公开申请12件。",
        "收到政府信息公开申请12件。共收到政府信息公开申请13件。",
        "收到政府信息公开申请12件，其中自然人20件。",
        "办理建议提案12件，答复12件，予以公开8件，部分公开4件。",
        "答复申请12件，其中予以公开占80%。",
        "答复申请12件，予以公开8件。",
        "共办结政府信息公开申请12件。",
        "共受理政府信息公开申请12件。",
        "备案政府信息公开领域行政复议案件12件。",
        "县政府办理的政府信息公开行政复议12件。",
        "县教育局政府信息公开行政复议12件。",
        "今后将主动公开信息12件。",
        "县教育局收到政府信息公开申请12件。",
        "42家单位中，28家收到申请，14家未收到政府信息公开申请。",
        "其中，甲乙镇收到政府信息公开申请3件。",
        "我局律师收到政府信息公开申请2件。",
        "某地收到政府信息公开申请12件被通报。",
        "媒体报道收到政府信息公开申请12件。",
        "县政府制发行政规范性文件5件。",
        "五年内收到政府信息公开申请12件。",
        "任期内收到政府信息公开申请12件。",
        "分别收到政府信息公开申请12件和14件。",
        "收到政府信息公开申请12件、14件、16件。",
        "收到政府信息公开申请12件，现更正为14件。",
        "并非收到政府信息公开申请12件，而是14件。",
        "不存在收到政府信息公开申请12件的情况。",
        "收到政府信息公开申请12件涉及第三方权益。",
        "收到书面政府信息公开申请12件。",
        "收到公民提出的政府信息公开申请12件。",
        "没有收到法人提出的政府信息公开申请。",
        "未受理政府信息公开申请。",
        "未收到政府信息公开申请（县教育局",
        "收到政府信息公开申请12件（上年结转",
        "县政务服务大厅接待群众300人次，收到政府信息公开申请12件。",
        "全年办理信息公开行政复议131宗。",
    ],
)
def test_what_is_not_certain_is_left_out(text: str) -> None:
    assert figures(text) == {}


SECTION = "三、收到和处理政府信息公开申请情况"


@pytest.mark.parametrize(
    "lines",
    [
        (SECTION, "本年度共收到申请12件。"),
        (SECTION, "2024年，我局共收到申请12件，全部办结，未发生行政复议、行政诉讼。"),
        ("（三）收到和处理政府信息公开申请情况", "本年度共收到申请12件。"),
        ("（一）主动公开情况", "办理行政许可7件。", "（二）依申请公开情况", "本年度共收到申请12件。"),
        ("（二）依申请公开。本年度共收到申请12件。",),
    ],
)
def test_applications_are_those_that_their_section_is_about(lines: tuple[str, ...]) -> None:
    assert figures(*lines)[f"{RECEIVED}.total"] == 12


@pytest.mark.parametrize(
    "lines",
    [
        ("本年度共收到申请12件。",),
        ("（一）行政许可情况", "本年度共收到申请12件。"),
        ("（二）依申请公开情况", "（三）政府信息管理情况", "本年度共收到申请12件。"),
        (SECTION, "本年度共收到行政许可申请12件。"),
        (SECTION, "行政许可方面，本年度共收到申请12件。"),
        (SECTION, "办理法律援助。本年度共收到申请12件。"),
        (SECTION, "本年度共收到申请12件，均为行政复议申请。"),
        (SECTION, "行政许可方面，未收到申请。"),
        ("四、因政府信息公开工作被申请行政复议、提起行政诉讼情况", "本年度共收到申请12件。"),
    ],
)
def test_applications_that_may_be_for_something_else_are_left_out(lines: tuple[str, ...]) -> None:
    assert f"{RECEIVED}.total" not in figures(*lines)


def test_nothing_is_taken_where_the_table_is_printed() -> None:
    text = "收到政府信息公开申请12件。全年作出行政许可决定55件。"
    for table, left in (("applications", "proactive.admin_license.decided"), ("proactive", f"{RECEIVED}.total")):
        reading = reading_of(text, table=table)
        assert reading.cells
        assert [one.id for one in stated(reading)] == [left]
        assert left not in reading.cells


def test_rows_in_lines_of_their_own() -> None:
    lines = (
        "（一）予以公开：8件。",
        "（三）不予公开4件",
        "1.属于国家秘密：3件（自然人2件，商业企业1件）",
        "2.重复申请：1件，已告知。",
        "结转下年度继续办理：5件。",
        "公开信息：7件",
        "（七）总计：13件",
    )
    assert figures(*lines) == {
        f"{RESULT}.granted.total": 8,
        "derived.applications.denied_all.total": 4,
        f"{RESULT}.denied.state_secret.total": 3,
        f"{RESULT}.denied.state_secret.natural_person": 2,
        f"{RESULT}.denied.state_secret.enterprise": 1,
        "applications.carried_out.total": 5,
    }


def test_where_a_figure_stands_is_told() -> None:
    reading = reading_of("（一）主动公开。主动公开信息500条。", "（二）依申请公开。", "收到政府信息公开申请 12 件。")
    [one] = stated(reading)
    section = reading.sections[one.section]
    assert (section.key, section.text.split("\n")[one.line - 1]) == ("overview", "收到政府信息公开申请 12 件。")
    assert (one.raw, one.sentence) == ("12件", "收到政府信息公开申请12件")
    [said] = stated_findings([one])
    assert (said.code, said.severity, said.cells) == ("figures_in_text", "info", (f"{RECEIVED}.total",))
    assert not list(stated_findings([]))

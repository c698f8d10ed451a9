"""The text against the table: how reports really count; what agrees, what contradicts, what is not to be compared."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.forms.loader import form, old_form
from archive.parser.narrative import check_text
from archive.parser.reader import read
from storage.records import Cell, CellState, Finding, Section

FIGURES = {
    "applications.received.natural_person": 3,
    "applications.received.enterprise": 2,
    "applications.received.total": 5,
    "applications.carried_in.natural_person": 1,
    "applications.carried_in.total": 1,
    "applications.result.granted.total": 2,
    "applications.result.partial.total": 1,
    "applications.result.denied.state_secret.total": 1,
    "applications.result.unable.not_held.total": 1,
    "applications.result.other.misc.total": 1,
    "applications.result.total.total": 6,
    "review.upheld": 1,
    "review.total": 1,
    "litigation.direct.total": 2,
    "litigation.after_review.total": 1,
    "proactive.normative.issued": 4,
    "proactive.normative.repealed": 2,
    "proactive.normative.in_force": 30,
    "proactive.admin_license.decided": 1295,
    "proactive.admin_penalty.decided": 50,
}
YEAR = 2023


def cells_of(figures: dict[str, int] | None = None) -> dict[str, Cell]:
    """All cells of the form of 2021: the figures given, zeros elsewhere."""
    values = dict.fromkeys(form("2021").ids, 0) | (FIGURES if figures is None else figures)
    return {
        name: Cell(id=name, value=Decimal(value), raw=str(value), state=CellState.PRINTED)
        for name, value in values.items()
    }


#: Who says so, where a sentence speaks of more than a bureau.
SPEAKERS = {
    "全市": "测试市人民政府",
    "市政府": "测试市",
    "我县": "测试县人民政府",
    "区政府办公室": "测试区人民政府办公室",
}


def told(text: str, key: str = "overview", year: int | None = YEAR, agency: str = "") -> list[Finding]:
    speaker = agency or next((name for word, name in SPEAKERS.items() if word in text), "测试县司法局")
    return check_text(form("2021"), cells_of(), [Section(heading="", key=key, text=text)], year, [speaker])


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ("2023年，全县共收到政府信息公开申请127件。", {"测试县", "测试县人民政府"}),
        ("2023年我县未收到政府信息公开申请。", {"测试县", "测试县人民政府"}),
        ("全镇共收到政府信息公开申请127件。", {"测试县测试镇人民政府"}),
        ("全县政务公开会议之后，本单位共收到政府信息公开申请127件。", {"every"}),
        ("2023年，县政府共收到政府信息公开申请127件。", {"测试县", "测试县人民政府", "测试县人民政府办公室"}),
        ("县政府办公室共收到政府信息公开申请127件。", {"测试县人民政府办公室"}),
        ("2023年，全县共收到政府信息公开申请127件，其中县政府收到5件。", set()),
        ("2023年，全县共收到政府信息公开申请127件（县政府5件、各部门122件）。", set()),
        ("2023年，全县共收到政府信息公开申请127件，其中我局收到5件。", set()),
        ("2023年，全县未收到政府信息公开申请。", {"测试县", "测试县人民政府"}),
        ("2023年，县政府办公室未收到政府信息公开申请。", {"测试县人民政府办公室"}),
        ("县级行政机关收到政府信息公开申请127件，镇街收到政府信息公开申请5件。", set()),
        ("县直部门收到政府信息公开申请4件，镇街收到政府信息公开申请1件。", set()),
        ("全省共收到政府信息公开申请99999件。", set()),
        ("税务系统全系统共收到政府信息公开申请1504件。", set()),
    ],
)
def test_whose_figures_are_held_against_whose_tables(text: str, speakers: set[str]) -> None:
    every = {"测试县司法局", "测试县", "测试县人民政府", "测试县人民政府办公室", "测试县测试镇人民政府", "县教育局"}
    assert {name for name in every if told(text, agency=name)} == (every if speakers == {"every"} else speakers)


def test_of_a_county_nothing_is_compared_where_nobody_knows_who_reports() -> None:
    parts = [Section(heading="", key="overview", text="全县共收到政府信息公开申请127件。")]
    assert check_text(form("2021"), cells_of(), parts, YEAR) == []


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("县教育局收到政府信息公开申请26件。", "测试县司法局"),
        ("县教育局主动作为，全年收到政府信息公开申请26件。", "测试县司法局"),
        ("会同县财政局收到政府信息公开申请7件。", "测试县司法局"),
        ("测试县司法局与县信访局共同收到政府信息公开申请7件。", "测试县司法局"),
        ("县信访局和测试县司法局收到政府信息公开申请7件。", "测试县司法局"),
        ("济宁市司法局收到政府信息公开申请90件。", "测试县司法局"),
        ("甲乙镇收到政府信息公开申请8件。", "测试县人民政府"),
        ("市政府共受理政府信息公开申请980件。", "测试县人民政府"),
        ("某单位收到政府信息公开申请7件。", "测试县司法局"),
        ("“十四五”期间，我局收到政府信息公开申请127件。", "测试县司法局"),
        ("本届班子任期内收到政府信息公开申请127件。", "测试县司法局"),
        ("两个年度分别收到政府信息公开申请9件和5件。", "测试县司法局"),
        ("收到政府信息公开申请9件、7件。", "测试县司法局"),
        ("收到政府信息公开申请9件（更正为5件）。", "测试县司法局"),
        ("并非收到政府信息公开申请9件。", "测试县司法局"),
        ("不存在收到政府信息公开申请9件未答复的情况。", "测试县司法局"),
        ("例如，一次收到政府信息公开申请20件的，可以合并答复。", "测试县司法局"),
        ("作为行政复议机关，全年收到政府信息公开类行政复议申请21件，办结20件。", "测试县司法局"),
        ("（二）依申请公开。通过信函收到申请7件，收到行政许可申请9件。", "测试县司法局"),
        ("（二）依申请公开情况。\n（三）平台建设。收到申请开通账号申请7件，办结7件。", "测试县司法局"),
        ("（一）主动公开和依申请公开。办结9件。", "测试县司法局"),
        ("以县政府为被告的政府信息公开行政诉讼案件2件，均胜诉。", "测试县人民政府"),
        ("因征地补偿引发的政府信息公开行政诉讼12件。", "测试县人民政府"),
        ("全县政务服务大厅提供政府信息查阅3200人次，受理政府信息公开申请12件。", "测试县人民政府"),
        ("县档案馆、县图书馆两处查阅点接待群众860人次，收到政府信息公开申请9件。", "测试县人民政府"),
        ("经补正后受理的政府信息公开申请4件。", "测试县司法局"),
        ("申请人撤回政府信息公开行政复议申请9件。", "测试县司法局"),
        ("县政府发生因政府信息公开引发的行政复议1件，未发生政府信息公开行政诉讼。", "测试县人民政府"),
        ("县政府因政府信息公开被申请行政复议9件。", "测试县人民政府"),
        ("收到书面政府信息公开申请4件。", "测试县司法局"),
        ("收到公民提出的政府信息公开申请3件。", "测试县司法局"),
        ("没有收到法人提出的政府信息公开申请。", "测试县司法局"),
        ("依法办理依申请公开。全年收到法律援助申请316件。", "测试县司法局"),
        ("依申请公开渠道畅通。门户网站收到申请4件。", "测试县司法局"),
        ("各部门政府信息公开申请为9件，乡镇为3件。", "测试县人民政府"),
        ("今年无依申请公开收费。", "测试县司法局"),
        ("收到政府信息公开申请4件涉及第三方权益。", "测试县司法局"),
        ("收到政府信息公开申请4件的科室为律师科。", "测试县司法局"),
        ("共受理政府信息公开申请4件（另有1件结转下年度办理）。", "测试县司法局"),
        ("没有因未按时答复政府信息公开申请引发的行政诉讼。", "测试县司法局"),
        ("没有发生因收费引起的政府信息公开行政复议。", "测试县司法局"),
        ("收到政府信息公开申请5件，上年结转3件延期答复。", "测试县司法局"),
        ("收到政府信息公开申请5件，法律援助上年结转4件。", "测试县司法局"),
        ("委托乡镇作出行政许可12件。", "测试县司法局"),
        ("委托乡镇作出行政许可决定12件，行政处罚决定3件。", "测试县司法局"),
        ("网站公示作出行政许可决定12件，行政处罚决定3件。", "测试县司法局"),
        ("适用简易程序作出行政处罚12件。", "测试县司法局"),
        ("经合法性审核后出台规范性文件5件。", "测试县司法局"),
    ],
)
def test_what_is_of_another_body_of_years_taken_back_or_denied_is_not_compared(text: str, agency: str) -> None:
    assert told(text, agency=agency) == []


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("测试县司法局收到政府信息公开申请9件。", "测试县司法局"),
        ("县司法局收到政府信息公开申请9件。", "测试县司法局"),
        ("县教体局收到政府信息公开申请9件。", "测试县教育和体育局"),
        ("镇政府收到政府信息公开申请9件。", "测试县测试镇人民政府"),
        ("测试县收到政府信息公开申请9件。", "测试县人民政府"),
        ("按照县教育局要求，我局收到政府信息公开申请9件。", "测试县司法局"),
        ("在县政府办公室的指导下，收到政府信息公开申请9件。", "测试县司法局"),
        ("认真落实县委、县政府部署，收到政府信息公开申请9件。", "测试县司法局"),
        ("统计期间，收到政府信息公开申请9件。", "测试县司法局"),
        ("依申请公开方面，全年新增申请9件。", "测试县司法局"),
        ("依申请公开方面，我局新收9件。", "测试县司法局"),
        ("依申请公开方面，收到9件申请。", "测试县司法局"),
        ("（二）依申请公开情况。全年收到申请9件。", "测试县司法局"),
        ("（二）依申请公开情况\n1.全年收到9件申请。", "测试县司法局"),
        ("依申请公开方面，受理9件。", "测试县司法局"),
        ("我局依法办理依申请公开。全年新收申请9件，上年结转1件。", "测试县司法局"),
        ("我局依法办理依申请公开。全年答复申请9件。", "测试县司法局"),
        ("2023年收到政府信息公开申请（含上年结转）9件。", "测试县司法局"),
        ("我镇政府信息公开申请为9件。", "测试县测试镇人民政府"),
        ("全县各级行政机关共收到政府信息公开申请9件。", "测试县人民政府"),
        ("县政务服务大厅接待群众300人次，我县收到政府信息公开申请9件。", "测试县人民政府"),
    ],
)
def test_what_its_own_name_or_a_heading_says_is_compared(text: str, agency: str) -> None:
    assert [(one.code, one.found) for one in told(text, agency=agency)] == [("narrative_conflict", "9")]


@pytest.mark.parametrize(
    "text",
    [
        "全年无依申请公开事项。",
        "我镇没有收到公民、法人或者其他组织提出的政府信息公开申请。",
        "全年未收到公民、法人或其他组织要求提供政府信息的申请。",
        "未收到获取政府信息的申请。",
        "畅通受理渠道，没有收到书面或其他形式要求公开政府信息的申请。",
    ],
)
def test_that_there_was_no_application_is_compared(text: str) -> None:
    assert [one.found for one in told(text)] == ["0"]


def test_under_a_heading_on_applications_answers_and_reviews_are_meant() -> None:
    text = "（二）依申请公开情况。全年答复申请9件。发生行政复议8件。\n（三）监督保障。行政复议应诉9件，办结9件。"
    assert [one.found for one in told(text)] == ["9", "8"]


def test_the_text_is_held_against_the_statistical_table_too() -> None:
    plan = old_form().plan
    cells = {n: Cell(id=n, value=Decimal(40), raw="40", state=CellState.PRINTED) for n in plan.ids if "older" not in n}

    def found(text: str) -> list[str | None]:
        parts = [Section(heading="", key="", text=text)]
        return [one.found for one in check_text(plan, cells, parts, 2017, ["测试县司法局"])]

    assert found("2017年，我局收到政府信息公开申请55件。") == ["55"]
    assert found("2017年，我局收到政府信息公开申请40件，答复政府信息公开申请40件。") == []
    assert found("2017年，我局受理政府信息公开申请38件。") == []  # a row of its own, which is not printed
    assert found("2008年以来，累计收到政府信息公开申请155件。") == []


@pytest.mark.parametrize(
    "text",
    [
        "比2022年多公开20条。",
        "发布2022年政府信息公开年度报告1份。",
        "延续2022年做法，举办开放日活动2次。",
        "在2022年的基础上，新增公开栏目5个，达到25个。",
        "依法作出答复6件，其中予以公开0件、部分公开2件，其余为其他处理。",
    ],
)
def test_what_is_said_of_a_former_year_or_of_some_parts_is_no_slip(text: str) -> None:
    assert said(text) == []


def test_applications_are_what_a_sentence_on_them_counts() -> None:
    assert said("依申请公开方面，本年度共受理申请9件。") == [("narrative_conflict", "9", "5")]


def test_that_there_was_no_review_and_no_suit_is_compared() -> None:
    text = "全年无政府信息公开行政复议、行政诉讼案件。"
    assert said(text, "remedies") == [("narrative_conflict", "0", "1"), ("narrative_conflict", "0", "3")]


def test_that_all_were_natural_persons_is_compared() -> None:
    assert said("我局共收到政府信息公开申请5件，均为自然人申请。") == [("narrative_conflict", "0", "2")]
    assert said("我局共收到5件政府信息公开申请（均为公民提交）。") == [("narrative_conflict", "0", "2")]
    assert said("因征地引发的政府信息公开申请共收到4件，均为自然人申请。") == []


@pytest.mark.parametrize(
    "first", ["2023年，我局收到政府信息公开申请5件。", "2023年共收到政府信息公开申请5件，全部按期答复。"]
)
def test_who_filed_what_the_sentence_before_counts_is_compared(first: str) -> None:
    text = "从申请主体看，自然人申请3件，占50%；法人或其他组织申请4件，占50%。"
    assert said(first + text) == [("subtotal_differs", "7", "5"), ("narrative_conflict", "4", "2")]
    assert said(first + "按申请人类型分，自然人申请3件，法人或其他组织申请2件。") == []


@pytest.mark.parametrize(
    "text",
    [
        "全年办结5件。从申请主体看，自然人申请9件，法人或其他组织申请8件。",
        "全县共收到政府信息公开申请127件。从申请主体看，自然人申请100件，法人或其他组织申请27件。",
        "2022年收到政府信息公开申请5件。从申请主体看，自然人申请1件，法人或其他组织申请4件。",
        "因征地引发的政府信息公开申请共收到4件。从申请主体看，自然人申请4件，法人或其他组织申请0件。",
        "收到政府信息公开申请5件。从申请内容看，征地类9件，房屋类8件。",
        "收到政府信息公开申请5件。从申请主体看，自然人申请3件，法人或其他组织申请2件；从申请方式看，网络申请9件。",
        "共收到政府信息公开申请5件，上年结转1件。从申请主体看，自然人申请4件，法人或其他组织申请2件。",
    ],
)
def test_who_filed_other_applications_is_not_compared(text: str) -> None:
    assert [one for one in said(text) if one[0] != "year_slip"] == []


def said(text: str, key: str = "overview") -> list[tuple[str, str | None, str | None]]:
    return [(found.code, found.found, found.expected) for found in told(text, key)]


CONFLICTS = [
    # N1: new applications
    ("2023年，我局共收到政府信息公开申请7件。", "7", "applications.received.total"),
    ("全年收到依申请公开政府信息申请 7 件。", "7", "applications.received.total"),
    ("依申请公开共受理7件，其中自然人4件，法人3件。", "7", "applications.received.total"),
    ("政府信息公开申请受理量为7件，办结率100%。", "7", "applications.received.total"),
    ("本年度新收政府信息公开申请数量７件，全部按期答复。", "7", "applications.received.total"),
    ("2023年度我局共收到依申请信息公开7件，及时回复申请人。", "7", "applications.received.total"),
    ("全市全年共收办政府信息公开申请案件3,646件，同比增长1.05%。", "3646", "applications.received.total"),
    ("市政府共受理政府信息公开申请1，295件，较去年回落12.3%。", "1295", "applications.received.total"),
    ("一年来，我镇受理公民、法人和其他组织提出的政府信息公开申请三件。", "3", "applications.received.total"),
    ("我局收到政府信息公开申请一千零二十三件。", "1023", "applications.received.total"),
    ("2023年，收到12件政府信息公开申请，均在法定期限内答复。", "12", "applications.received.total"),
    ("2023年共收到信息公开申请书八份。", "8", "applications.received.total"),
    ("2023年,政府信息公开申请总数为9件。", "9", "applications.received.total"),
    ("截至2023年12月31日，共收到政府信息公开申请8件。", "8", "applications.received.total"),
    ("2023年以来，我局收到依申请公开申请8件，比2022年增加3件。", "8", "applications.received.total"),
    ("2023年，我局未收到政府信息公开申请。", "0", "applications.received.total"),
    ("2023年，测试县司法局未收到有关政府信息公开申请，相比去年减少2件。", "0", "applications.received.total"),
    ("本年度没有收到公民、法人和其他组织要求公开政府信息的申请。", "0", "applications.received.total"),
    ("2023年，我局未收到依申请公开。", "0", "applications.received.total"),
    ("2023年收到政府信息公开申请0件。", "0", "applications.received.total"),
    ("全年共受理政府信息公开申请5件，其中自然人申请2件。", "2", "applications.received.natural_person"),
    ("全市共收到政府信息申请公开件658件。", "658", "applications.received.total"),
    ("2023年，我局收到政府信息公开依申请1件，已按期办理。", "1", "applications.received.total"),
    ("区政府办公室共受理36件政府信息公开申请（均为自然人提交），同比上升16%。", "36", "applications.received.total"),
    ("共收到政府信息依申请公开1499件。", "1499", "applications.received.total"),
    ("全年共收到10件依申请公开请求。", "10", "applications.received.total"),
    ("本年度我镇未收到申请人提出的依申请公开申请，也未出现不予公开的情况。", "0", "applications.received.total"),
    ("2023年，没有收到依申请公开政府信息的申请。", "0", "applications.received.total"),
    ("2023年，未收到依申请公开事项.", "0", "applications.received.total"),
    ("共收到政府信息公开申请5件，2022年结转政府信息公开申请3件。", "3", "applications.carried_in.total"),
    ("共收到政府信息公开申请5件，2022年结转申请1件，共办结10件。", "10", "applications.result.total.total"),
    ("收到政府信息公开申请5件，结转2024年度继续办理2件。", "2", "applications.carried_out.total"),
    ("共收到政府信息公开申请5件，上年结转3件。", "3", "applications.carried_in.total"),
    ("行政复议案件已审结，收到政府信息公开申请5件，上年结转3件。", "3", "applications.carried_in.total"),
    ("共办理政府信息公开申请8件，其中新收5件。", "8", "applications.result.total.total"),
    ("共收到政府信息公开申请5件，结转下年度继续办理2件。", "2", "applications.carried_out.total"),
    ("我局2023年依申请公开数量为54件。", "54", "applications.received.total"),
    ("依申请公开方面，全年共54件，均已办结。", "54", "applications.received.total"),
    ("共收到政府信息公开申请5件，结转上年3件。", "3", "applications.carried_in.total"),
    ("共收到政府信息公开申请5件，结转2022年申请3件。", "3", "applications.carried_in.total"),
    ("共收到政府信息公开申请5件，上年度结转继续办理3件。", "3", "applications.carried_in.total"),
    ("共收到政府信息公开申请5件，无上年度结转申请。", "0", "applications.carried_in.total"),
    ("共收到政府信息公开申请6件，其中上年结转3件、本年新收3件。", "3", "applications.carried_in.total"),
    ("收到政府信息公开申请5件，其中公民申请2件，企业申请3件。", "2", "applications.received.natural_person"),
    ("共收到政府信息公开申请5件。其中，自然人2件，企业3件。", "2", "applications.received.natural_person"),
    ("依申请公开情况：无。", "0", "applications.received.total"),
    ("（二）依申请公开情况。无。", "0", "applications.received.total"),
    ("（二）依申请公开情况\n无\n（三）政府信息管理情况", "0", "applications.received.total"),
    ("未收到任何形式的政府信息公开申请。", "0", "applications.received.total"),
    ("我局未收到群众申请公开政府信息。", "0", "applications.received.total"),
    ("我局未收到申请公开件。", "0", "applications.received.total"),
    ("2023年，我局未发生依申请公开事项。", "0", "applications.received.total"),
    ("2023年我局依申请公开9件。", "9", "applications.received.total"),
    ("我单位通过网站、信函等渠道受理政府信息公开申请41件。", "41", "applications.received.total"),
    ("我局通过多种渠道共收到政府信息公开申请9件，均已办结。", "9", "applications.received.total"),
    ("收到公民、法人政府信息公开申请共24宗。", "24", "applications.received.total"),
    ("全年收到公民、法人和其他组织申请公开信息24件。", "24", "applications.received.total"),
    ("（二）依申请公开情况。收到公民、法人和其他组织申请共24宗。", "24", "applications.received.total"),
    ("2023年，收到和办理依申请公开68件。", "68", "applications.received.total"),
    ("（二）依申请公开情况。另有3件结转下年度办理。", "3", "applications.carried_out.total"),
    ("（二）依申请公开情况。其余3件正在办理中，结转2024年度继续办理。", "3", "applications.carried_out.total"),
    ("（二）依申请公开情况。其中3件结转至2024年办理。", "3", "applications.carried_out.total"),
    ("收到政府信息公开申请5件，其余2件将结转下一年度办理。", "2", "applications.carried_out.total"),
    ("收到政府信息公开申请5件，其中结转至2024年办理2件。", "2", "applications.carried_out.total"),
    ("（二）依申请公开情况。2023年共收到9件，均已办结。", "9", "applications.received.total"),
    ("（二）依申请公开情况。全年新收9件，上年结转1件。", "9", "applications.received.total"),
    # N2, N3: answers
    ("2023年，我局答复政府信息公开申请9件。", "9", "applications.result.total.total"),
    ("收到政府信息公开申请5件，答复6件，其中予以公开3件、部分公开1件。", "3", "applications.result.granted.total"),
    (
        "收到政府信息公开申请5件，均已答复。其中，予以公开3件，部分公开1件，不予公开1件，其他处理1件。",
        "3",
        "applications.result.granted.total",
    ),
    ("共收到政府信息公开申请5件，办结8件。", "8", "applications.result.total.total"),
    ("收到政府信息公开申请5件，已办结政府信息公开申请9件，办结率100%。", "9", "applications.result.total.total"),
    ("受理政府信息公开申请5件，答复政府信息公开申请8件（含结转1件）。", "8", "applications.result.total.total"),
    ("办理结果：申请中予以公开3件、部分公开1件、不予公开1件、无法提供1件。", "3", "applications.result.granted.total"),
    ("申请中，予以公开2件，部分公开1件，其他处理（含撤回）4件。", "4", "applications.result.other.misc.total"),
    ("收到政府信息公开申请5件，予以公开3件、部分公开1件、不予公开1件。", "3", "applications.result.granted.total"),
    ("收到政府信息公开申请5件，予以公开0件、部分公开1件、不予公开1件。", "0", "applications.result.granted.total"),
    # one outcome or two of all: of those received, the one carried in may be another
    ("（二）依申请公开情况。从办理结果看，予以公开9件，不予公开3件。", "9", "applications.result.granted.total"),
    ("（二）依申请公开情况。不予处理2件，其他处理1件。", "2", "applications.result.not_handled.petition.total"),
    ("（二）依申请公开情况。办理结果：予以公开3件、部分公开1件。", "3", "applications.result.granted.total"),
    ("共办结政府信息公开申请6件，其中予以公开1件。", "1", "applications.result.granted.total"),
    ("共收到政府信息公开申请5件，其中部分公开3件。", "3", "applications.result.partial.total"),
    ("共收到政府信息公开申请5件，其中予以公开0件，部分公开1件。", "0", "applications.result.granted.total"),
    ("共收到政府信息公开申请5件。其中，部分公开3件，无法提供1件。", "3", "applications.result.partial.total"),
    # N4: remedies
    ("因政府信息公开被申请行政复议3件，行政诉讼3件。", "3", "review.total"),
    ("信息公开类行政复议1件，诉讼9件，均获维持。", "9", "litigation.direct.total"),
    ("政府信息公开行政复议1件（申请人撤回）、行政诉讼9件。", "9", "litigation.direct.total"),
    ("因政府信息公开引起的行政复议22件、行政诉讼案件3件。", "22", "review.total"),
    ("全年办理因政府信息公开申请引发的行政复议36起，行政诉讼3起。", "36", "review.total"),
    ("2023年未发生因政府信息公开引起的行政复议和行政诉讼。", "0", "review.total"),
    ("全年未发生针对我乡有关政府信息公开事务的行政复议案件、行政诉讼案件和举报申诉件。", "0", "review.total"),
    ("因政府信息公开被申请行政复议1件，其中纠正1件。", "1", "review.corrected"),
    ("因政府信息公开被申请行政复议1件，尚未审结1件。", "1", "review.pending"),
    ("政府信息公开行政诉讼3件，其中未经复议直接起诉1件，复议后起诉2件。", "1", "litigation.direct.total"),
    ("政府信息公开行政诉讼3件，其中未经复议直接起诉2件、复议后起诉5件。", "5", "litigation.after_review.total"),
    ("全年无政府信息公开申请行政复议、行政诉讼。", "0", "review.total"),
    ("全年未发生因政府信息公开引起的行政复议等情况。", "0", "review.total"),
    ("政府信息公开行政复议和行政诉讼均为0件。", "0", "litigation.direct.total"),
    ("结转下年度继续办理7件。", "7", "applications.carried_out.total"),
    ("我局共收到政府信息公开申请5件。结转下年度继续办理7件。", "7", "applications.carried_out.total"),
    # N5: what section 二 counts
    ("全年行政许可决定319件，行政处罚77件。", "319", "proactive.admin_license.decided"),
    ("全年行政许可决定319件，行政处罚77件。", "77", "proactive.admin_penalty.decided"),
    ("2023年我局行政许可决定共1290件。", "1290", "proactive.admin_license.decided"),
    ("2023年制发规范性文件7件。", "7", "proactive.normative.issued"),
    ("全年共制定出台行政规范性文件12件，全部公开。", "12", "proactive.normative.issued"),
    ("2023年共发布行政规范性文件 1 件，其他文件 6 件。", "1", "proactive.normative.issued"),
    ("全年公开文件188件，以“测司规”文号出台了2份规范性文件。", "2", "proactive.normative.issued"),
    ("废止规范性文件5件。", "5", "proactive.normative.repealed"),
    ("全年制发行政规范性文件4件、废止3件，现行有效30件。", "3", "proactive.normative.repealed"),
    ("全年新制发行政规范性文件4件、废止2件，现行有效5件。", "5", "proactive.normative.in_force"),
    ("制定规范性文件4件，废止2件，现行有效31件。", "31", "proactive.normative.in_force"),
    ("制发规范性文件4件，现行有效31件。", "31", "proactive.normative.in_force"),
    ("我县现行有效行政规范性文件47件。", "47", "proactive.normative.in_force"),
    ("全年作出行政许可决定1,290件。", "1290", "proactive.admin_license.decided"),
    ("作出行政处罚55件。", "55", "proactive.admin_penalty.decided"),
    ("作出行政许可决定1295件，行政处罚决定55件。", "55", "proactive.admin_penalty.decided"),
    ("作出行政许可决定1295件、行政处罚决定50件、行政强制决定9件。", "9", "proactive.admin_coercion.decided"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found", "cell"), CONFLICTS)
def test_a_figure_that_the_table_contradicts_is_told(text: str, found: str, cell: str) -> None:
    conflicts = [one for one in told(text) if one.code == "narrative_conflict" and cell in one.cells]
    assert [one.found for one in conflicts] == [found]
    printed = sum(FIGURES.get(name, 0) for name in conflicts[0].cells)
    assert conflicts[0].expected == str(printed) or "received_bodies" in cell
    assert found in conflicts[0].zh
    assert found in conflicts[0].en


AGREEING = [
    "2023年，共收到政府信息公开申请5件。",
    "共收到政府信息公开申请6件，办结6件。",
    "受理政府信息公开申请6件，其中自然人申请4件，法人或其他组织申请2件。",
    "共收到政府信息公开申请5件，上年结转1件，办结6件，结转下年度0件。",
    "受理政府信息公开申请5件，答复5件（含上年结转1件）。",
    "申请办理结果：予以公开2件，部分公开1件，不予公开1件，无法提供1件，不予处理0件，其他处理1件。",
    "因政府信息公开被申请行政复议1件，提起行政诉讼3件。",
    "因政府信息公开引发行政诉讼2件。",
    "2023年依申请公开数量为5件。",
    "2023年依申请公开数量为6件。",
    "2023年依申请公开数量为2件。",
    "2023年依申请公开数量为3件。",
    "2023年制发规范性文件4件，废止规范性文件2件，现行有效规范性文件30件。",
    "作出行政许可决定1295件，作出行政处罚决定50件。",
    "作出行政许可决定1295件，行政处罚决定50件。",
]


@pytest.mark.parametrize("text", AGREEING)
def test_what_agrees_is_not_told(text: str) -> None:
    assert said(text) == []


NEAR_MISSES = [
    "未收到要求提供信用信息的申请。",
    "未收到要求提供政府信息公开指南纸质版的申请人。",
    "县直各部门依申请公开共受理7件。",
    "依申请公开共受理7件信访事项。",
    # of another year, or not of a year
    "2022年，我局共收到政府信息公开申请9件，2023年共收到5件。",
    "2023年收到政府信息公开申请5件，2022年收到政府信息公开申请9件。",
    "去年共收到政府信息公开申请9件。",
    "上年度收到政府信息公开申请9件。",
    "《条例》实施以来，我局累计收到政府信息公开申请127件。",
    "历年累计收到政府信息公开申请127件。",
    "2023年上半年，共收到政府信息公开申请2件。",
    "截至2023年6月30日，共收到政府信息公开申请2件。",
    "第三季度收到政府信息公开申请2件。",
    "2021年至2023年，我局累计收到政府信息公开申请127件。",
    "自2021年1月1日起至2023年12月31日，共收到政府信息公开申请127件。",
    "2022年、2023年分别收到政府信息公开申请9件、5件。",
    "2022年和2023年共收到政府信息公开申请14件。",
    "三年来，共收到政府信息公开申请127件。",
    "近年来，我局共收到政府信息公开申请127件。",
    "“十四五”以来，我局共收到政府信息公开申请127件。",
    "公安系统共收到政府信息公开申请127件。",
    "协助办理政府信息公开申请127件。",
    "依申请公开平台收到政府信息公开申请4件，现场收到1件。",
    "年内收到政府信息公开申请4件，年末收到政府信息公开申请1件。",
    "各县（市、区）共收到政府信息公开申请127件。",
    "各司法所均未收到政府信息公开申请。",
    "全县各级行政机关共新收政府信息公开申请127件。",
    # compared, not counted
    "收到的政府信息公开申请较上年增加3件。",
    "政府信息公开申请同比减少9件。",
    "与去年相比，收到政府信息公开申请增加7件。",
    # not exact
    "共收到政府信息公开申请10余件。",
    "共收到政府信息公开申请近百件。",
    "共收到政府信息公开申请约7件。",
    "共收到政府信息公开申请3至7件。",
    "共收到政府信息公开申请7件以上。",
    "平均每月收到政府信息公开申请7件。",
    "收到第7件政府信息公开申请。",
    # of a part only
    "通过网络收到政府信息公开申请7件。",
    "收到网上政府信息公开申请7件、信函申请3件、当面申请2件。",
    "收到政府信息公开申请5件，其中不属于本机关公开的3件。",
    "市本级共收到政府信息公开申请2件。",
    "各镇街收到政府信息公开申请3件。",
    "未收到网上申请。",
    "未收到重复申请。",
    # of something else
    "全年共收到人大建议7件，政协提案9件，全部办结。",
    "受理群众来信申请7件。",
    "收到行政许可申请712件，办结712件。",
    "12345热线受理诉求申请77件，办结77件。",
    "收到依申请公开的投诉7件。",
    "未收到关于政府信息公开申请的投诉、举报。",
    "未收到对政府信息公开工作不满意的申诉。",
    "因政府信息公开申请引起的行政复议1件（已办结），未发生其他情况。",
    "未收到因政府信息公开申请引起的投诉7件。",
    "全年收到因政府信息公开申请引起的行政复议1件，办理政府信息公开案件43件（含2022年结转1件）。",
    "收到申请后7个工作日内答复。",
    "自收到申请之日起20个工作日内予以答复，共有3个环节。",
    "办理答复的有1件。",
    "政府信息公开申请的办结率100%，公开信息7件。",
    "政府信息依申请公开条件、流程，共7项。",
    "予以公开及部分公开9件，其余依法处理。",
    "不予公开20件（1.68%），因本机关不掌握等原因无法提供564件（47.36%）。",
    "全年受理行政复议案件134件，审结120件，行政诉讼应诉57件。",
    "县司法局作为复议机关，审理涉及政府信息公开的行政复议7件。",
    "因政府信息公开新增行政复议7件。",
    "全年未发生因依申请公开被行政复议纠错或行政诉讼败诉的情况。",
    "未发生政府信息公开行政复议被撤销、行政诉讼败诉案件。",
    "办结的政府信息公开行政复议案件中，维持7件，纠正3件。",
    "开展规范性文件清理，审查规范性文件33件，修改规范性文件3件。",
    "在县政府网站公开规范性文件77件。",
    "审核重大行政决策和行政规范性文件草案17件。",
    "报送备案规范性文件17件。",
    "因政府信息公开发生行政复议、行政诉讼9件。",
    "政府信息公开行政复议案件和行政诉讼案件共9件。",
    "全镇共发文96件，其中主动公开文件0件，不公开文件96件，依申请公开0件。",
    "2023年，全年未收到行政许可申请；共办理政府12345热线47件，已全部办结。",
    "双公示系统中公开行政许可信息55项，行政处罚3项。",
    "公示行政处罚决定3件。",
    "对规范性文件进行清理，涉及市政府制发规范性文件19件、废止5件，现行有效14件。",
    "清理规范性文件19件、废止5件，现行有效14件。",
    "县政府制发规范性文件9件、废止5件，现行有效14件。",
    "2022年制发规范性文件9件、废止5件，现行有效14件，2023年制发规范性文件4件。",
    "制发规范性文件4件、文件12份，废止5项制度，现行有效制度14项。",
    "制发规范性文件4件，公开6件，现行有效14件均已公开。",
    "在信用网站公示双公示信息：\n2023年行政许可决定319件，行政处罚77件。",
    "归集行政执法信息1400条。全年行政许可决定319件，行政处罚77件。",
    "全年行政许可决定319条，行政处罚77条。",
    "行政许可事项31项，行政处罚77项。",
    "全年行政许可决定1295件，行政处罚77件均已公示。",
    "2022年行政许可决定319件，2023年行政许可决定1295件。",
    "全年共办理人大建议22件，办结15件。结转下年度继续办理7件。",
    "（三）信访办理\n结转下年度继续办理7件。",
    "结转下年度继续办理7件人大建议。",
    "法律援助申请全部办结，无结转下年度办理的申请。",
    "全年制发公文96件，依申请公开数量为54件。",
    "主动公开数量为500件，依申请公开数量为54件。",
    "2023年依申请公开数量为54条。",
    "依申请公开方面，全年共8项制度。",
    "依申请公开方面，受理点共8个。",
    "《条例》实施以来依申请公开数量为54件。",
    "2022年依申请公开数量为54件，2023年为5件。",
    "各镇依申请公开数量为54件。",
    "以“测政办规”文号出台了2份规范性文件。",
    "以县政府名义出台了2份规范性文件。",
    # what was handled is what was received and carried in, whether or not it was answered
    "共办理政府信息公开申请6件（含上年结转1件），已答复6件。",
    # an outcome for one of its reasons
    "申请中，予以公开2件，部分公开1件，因本机关不掌握无法提供9件。",
    "申请中，予以公开2件，部分公开1件，属于内部事务信息不予公开9件。",
    "以办公室名义答复政府信息公开申请85件，其中予以公开30件，部分公开20件，不予公开35件。",
    # other matters before it
    "办理法律援助申请316件，其中自然人申请316件，结转下年12件。",
    "收到行政复议申请134件，上年结转12件，审结130件，结转下年16件。",
    "收到政府信息公开申请5件；收到仲裁申请134件，审结130件，上年结转12件。",
    "（二）依申请公开收费情况。无。",
    "（二）依申请公开情况。收费情况：无。",
    "（二）依申请公开情况\n我局收到政府信息公开申请5件。\n无",
    # of what, or of how many bodies, the lines before say
    "（二）依申请公开情况。通过网站共3件。现场收到9件。",
    "（二）依申请公开情况。信函申请如下。共收到2件。",
    "（二）依申请公开情况\n网上申请：\n共收到2件。",
    "（二）依申请公开情况。（三）咨询投诉。共收到9件。",
    "（二）依申请公开情况。1月收到2件。",
    "（一）主动公开情况。2023年共收到9件。",
    # of a part of the applications, or with more figures before it
    "共收到政府信息公开申请5件，其中予以公开1件，部分公开1件。",
    "共收到政府信息公开申请5件，其中予以公开1件，部分公开1件，不予公开1件。",
    "（二）依申请公开情况。予以公开3件。",
    "（二）依申请公开情况。予以公开3件，不予公开3件。",
    "（二）依申请公开情况。通过网站收到申请4件。予以公开1件，部分公开3件。",
    "（二）依申请公开情况。部分公开3件涉及征地。",
    "共办结政府信息公开申请6件，其中征地类予以公开1件。",
    "共办结政府信息公开申请6件，其中予以公开1件，涉及征地。",
    "我局通过网站、信函等渠道收到政府信息公开申请3件，现场申请2件。",
    "我局通过网站、信函等渠道收到政府信息公开申请3件，现场收到2件。",
    "通过网站收到政府信息公开申请3件，其中1件结转下年度办理。",
    "收到信访件5件，其中1件结转下年度办理。收到政府信息公开申请5件。",
    "收到政府信息公开申请5件，答复人大建议3件，另有1件结转下年度办理。",
    "收到政府信息公开申请5件，另有2项公开任务结转下年度办理。",
    "去年收到政府信息公开申请9件，其中1件结转下年度办理。",
    "收到政府信息公开申请5件，其中网上申请3件，均为自然人提交。",
    "通过网络收到政府信息公开申请3件。其中，予以公开1件，部分公开1件，不予公开1件。",
    "收到政府信息公开申请5件，征地类4件。其中，自然人4件，法人或其他组织0件。",
    "答复政府信息公开申请6件，其中四季度予以公开1件，部分公开3件。",
    "答复政府信息公开申请6件，其中予以公开1件涉及征地、部分公开3件涉及规划。",
    "主动公开信息3626条，依申请公开54件。",
    "办公室依申请公开23件，业务科依申请公开30件。",
    "未收到群众申请公开政府信息的投诉。",
    "未出现依申请公开超期答复情况。",
    "政府信息公开行政复议1件，已审结0件，其中维持0件。",
    "无上年结转的复议案件，收到政府信息公开申请5件。",
    # all suits, and among them those on disclosure
    "全年行政诉讼案件33件，其中涉政府信息公开行政复议1件、行政诉讼3件。",
    # next year
    "2024年，计划制发规范性文件9件。",
]


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_counts_something_else_is_not_compared(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("全年行政事业性收费80万元。", ["80"]),
        ("2023年，我局收取行政事业性收费0元。", ["0"]),
        ("全年行政许可决定1295件，行政事业性收费金额共计13.5万元。", ["13.5"]),
        ("全年行政事业性收费12.56万元。", []),
        ("全年行政事业性收费12.6万元。", []),
        ("全年行政事业性收费125600元。", []),
        ("全年行政事业性收费12.56元。", []),  # the unit is a slip
        ("全年行政事业性收费约15万元。", []),
        ("2022年行政事业性收费80万元。", []),
        ("下属单位行政事业性收费80万元。", []),
        ("全年行政事业性收费预算80万元。", []),
        ("全年减免行政事业性收费80万元。", []),
        ("全年行政事业性收费80万元较上年增加。", []),
        ("全年未收取行政事业性收费。", []),
    ],
)
def test_what_was_collected_in_fees_is_compared(text: str, found: list[str]) -> None:
    name = "proactive.admin_fee.amount"
    cells = cells_of() | {name: Cell(id=name, value=Decimal("12.56"), raw="12.56", state=CellState.PRINTED)}
    parts = [Section(heading="", key="overview", text=text)]
    told = check_text(form("2021"), cells, parts, YEAR, ["测试县司法局"])
    assert [(one.found, one.cells) for one in told if one.code == "narrative_conflict"] == [(f, (name,)) for f in found]


def test_the_section_on_remedies_needs_no_word_of_disclosure() -> None:
    assert said("2023年，行政复议7件，行政诉讼3件。", "remedies") == [("narrative_conflict", "7", "1")]
    assert said("2023年，办理行政复议7件，行政诉讼0件。", "overview") == []


def test_the_section_on_problems_is_no_evidence() -> None:
    assert said("2023年共收到政府信息公开申请7件。", "problems") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2023年收到申请34件，已全部办结，共答复42件。", ["42"]),
        ("2023年收到申请34件，已全部办结，共答复34件。", []),
        ("2023年收到申请33件，已全部办结，共答复42件。", []),  # of what, nobody knows
        ("2023年收到申请34件，办理人大建议，共答复42件。", []),
        ("收到行政许可申请34件，已全部办结，共答复42件。", []),
    ],
)
def test_applications_are_those_to_disclose_if_they_are_as_many(text: str, found: list[str]) -> None:
    cells = cells_of({"applications.received.total": 34, "applications.result.total.total": 34})
    parts = [Section(heading="", key="overview", text=text)]
    assert [one.found for one in check_text(form("2021"), cells, parts, YEAR, ["测试县司法局"])] == found


def coerced(text: str) -> list[str | None]:
    """What is told of a body that carried two applications over and decided on 20 coercive measures."""
    cells = cells_of(FIGURES | {"proactive.admin_coercion.decided": 20, "applications.carried_out.total": 2})
    parts = [Section(heading="", key="overview", text=text)]
    return [one.found for one in check_text(form("2021"), cells, parts, YEAR, ["测试县司法局"])]


@pytest.mark.parametrize(
    "text", ["全年未实施行政强制。", "2023年我局没有作出行政强制决定。", "无结转下年度办理的申请。"]
)
def test_that_none_was_decided_or_carried_over_is_compared(text: str) -> None:
    assert coerced(text) == ["0"]


@pytest.mark.parametrize(
    "text",
    [
        "全年未实施行政强制执行。",
        "全年未违法实施行政强制。",
        "未实施行政强制的，应当说明理由。",
        "2022年未实施行政强制，2023年实施20件。",
        "下属单位全年未实施行政强制。",
        "对轻微违法行为，全年未实施行政强制。",
        "无结转下年度办理的行政许可申请。",
        "行政复议方面，无结转下年度办理的申请。",
        "上年无结转下年度办理的申请。",
    ],
)
def test_that_there_was_none_of_a_part_or_of_something_else_is_not_compared(text: str) -> None:
    assert coerced(text) == []


def test_blank_and_absent_cells_contradict_nothing() -> None:
    text = "共收到政府信息公开申请7件，办结7件。因政府信息公开被申请行政复议3件。"
    blank = {name: Cell(id=name, value=None, raw="", state=CellState.BLANK) for name in form("2021").ids}
    parts = [Section(heading="", key="overview", text=text)]
    assert check_text(form("2021"), blank, parts, YEAR) == []
    assert check_text(form("2021"), {}, parts, YEAR) == []
    assert check_text(None, {}, parts, YEAR) == []


@pytest.mark.parametrize(
    ("text", "blank"),
    [
        ("共收到政府信息公开申请5件，其中自然人申请3件，法人或其他组织申请2件。", "applications.received.total"),
        ("申请中，予以公开2件、部分公开1件、不予公开3件。", "applications.result.denied.third_party.total"),
        ("因政府信息公开引发行政诉讼7件。", "litigation.after_review.total"),
    ],
)
def test_a_sum_of_which_a_cell_is_blank_contradicts_nothing(text: str, blank: str) -> None:
    cells = cells_of()
    cells[blank] = Cell(id=blank, value=None, raw="", state=CellState.BLANK)
    parts = [Section(heading="", key="overview", text=text)]
    assert check_text(form("2021"), cells, parts, YEAR, ["测试县司法局"]) == []


def test_both_forms_bind_the_same_words_to_their_own_cells() -> None:
    values = dict.fromkeys(form("2019").ids, 0) | {"proactive.normative.made": 4}
    cells = {n: Cell(id=n, value=Decimal(v), raw=str(v), state=CellState.PRINTED) for n, v in values.items()}
    found = check_text(form("2019"), cells, [Section(heading="", key="overview", text="制定规范性文件7件。")], 2019)
    assert [(one.found, one.cells) for one in found] == [("7", ("proactive.normative.made",))]


PLATFORMS = (
    "县司法局在政府网站主动公开政府信息571条，其中机构职能1条。通过“沂源司法”微信公众号发布信息1120条，"
    "“沂源融媒”政务号发布信息326条。\n（四）平台建设\n通过各平台累计发布信息2071条。"
)
SUMS = [
    ("收到政府信息公开申请5件（网上4件，信函2件）。", "6", "5"),
    ("共发布信息1000条（动态700条、公告200条、其他200条）。", "1100", "1000"),
    ("共发布信息1000条：动态700条、公告200条、其他50条。", "950", "1000"),
    ("公开信息20条，其中网站15条，公众号9条（部分重点内容另附解读）。", "24", "20"),
    ("公开信息180条。其中目录公开年报1条，动态93条、其他8条，共发布102条；专栏收费90条，共发布90条。", "102", "180"),
    ("主动公开政府信息20条，其中网站15条，公众号9条。", "24", "20"),
    ("全年印发文件5件、公开信息120条，其中网站100条，公众号30条。", "130", "120"),
    ("共发布信息10条，其中机构职能3条，政策文件4条，财政信息5条。", "12", "10"),
    ("收到政府信息公开申请5件，其中自然人申请3件，法人或其他组织申请1件。", "4", "5"),
    ("公开信息共计3437条，包括：人事12条，动态1740条，公告225条，解读共计110条，其他1827条。", "3914", "3437"),
    ("通过网站主动公开政府信息共12条，其中包括政策解读3条，镇文件2条，工作动态8条。", "13", "12"),
    ("通过各平台公开信息747条，其中网站公开35条，公众号发布722条。", "757", "747"),
    ("收到政府信息公开申请5件，其中当面申请1件、网络申请2件、信函申请1件。", "4", "5"),
    ("公开政府信息46条。其中工作动态类36条；计划总结类7条；其他类2条。", "45", "46"),
    ("主动公开信息747条，同比增加6%。其中网站35条，占4.7%；公众号600条，占83.3%；抖音90条，占12%。", "725", "747"),
    ("网站发布信息571条，公众号发布信息1120条，政务号发布信息326条，共计2071条。", "2017", "2071"),
    ("因政府信息公开被申请行政复议3件（其中结果维持2件、结果纠正2件、其他结果0件、尚未审结0件）。", "4", "3"),
    ("收办申请29件，其中予以公开20件、不予公开3件、其他处理4件、转下年度办理1件。", "27", "29"),
    ("信息由2013年的1128条增加到2023年的1887条，专栏发布信息514条，总计2411条。", "2401", "2411"),
    (PLATFORMS, "2017", "2071"),
    ("通过门户网站公开信息100条，通过新媒体公开200条，利用公开栏、宣传栏公开50条，全年合计公开359条。", "350", "359"),
    ("我局通过网站公开信息100条、政务新媒体200条、公开栏50条，全年共公开信息359条。", "350", "359"),
    ("网站公开300条、微信公开200条、微博公开100条，共公开信息500条。", "600", "500"),
    ("公众号发布信息20条，其中原创15条，转载18条。", "33", "20"),
    ("政务网公开120条，其中：省局网站22篇，市局网站57篇，其它媒体60篇；", "139", "120"),
    ("网站公开信息395条，微信发布信息41条。\n3、内容\n在全部公开信息中，概况类52条，动态类353条。", "405", "395"),
    ("公开政府信息300条。在全部公开信息中，动态类200条，其他20条。", "220", "300"),
    ("主动公开信息共373条，通过网站发布93条、通过微信公众号发布信息323条、其他方式公开13条。", "429", "373"),
    ("主動公開信息共373條，通過網(wǎng)站發(fā)布93條、通過微信發(fā)布信息323條、其他方式公開13條。", "429", "373"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "added", "whole"), SUMS)
def test_a_sum_that_does_not_add_up_is_told(text: str, added: str, whole: str) -> None:
    assert ("subtotal_differs", added, whole) in said(text)


TRUE_SUMS = [
    "信息发布量由2022年的1128 条增加到2023年的1887条,在专栏发布信息514条,总计2401条,是2022年信息发布总量的1.5倍。",
    "网站信息由去年的300条减少至280条，公众号20条，共计300条。",
    "网站信息由300条提高到380条，共计380条。",
    "收到政府信息公开申请5件（网上4件，信函1件）。",
    "收到政府信息公开申请5件（网上3件、信函1件），均已办结。",
    "收到政府信息公开申请5件（网上4件，网上补正2件，重复1件）。",
    "政府信息公开行政诉讼6件，其中未经复议直接起诉4件，维持3件，未审结1件；复议后起诉2件，维持2件。",
    "共收到政府信息公开申请10件，其中自然人申请8件，法人或其他组织申请2件，网络申请7件，信函申请3件。",
    "公开答复1453件，包括上年结转30件。其中，予以公开966件，部分公开67件，不予公开81件，其他339件。",
    "共收到依申请公开1499件。其中，通过网络申请1303件，占86.92%；通过信函申请172件，占11.47%；当面24件，占1.6%。",
    "通过网站主动公开政府信息共12条，其中包括政策解读3条，镇文件2条，工作动态7条。",
    "通过政府门户网站主动公开政府信息242条，其中政策文件13条，财政信息5条，微信公众号发布信息636条。",
    "通过门户网站公开信息50条，其中发布政策3条，动态5条，微信公众号60条，微博70条。",
    "公开政府信息50条，其中政策3条，财政5条，召开新闻发布会60条。",
    "主动公开政府信息571条，其中机构职能1条，法治建设570条。",
    "主动公开政府信息571条，其中机构职能1条，法治建设50条。",
    "主动公开政府信息571条，其中机构职能1条，法治建设50条等。",
    "依法作出答复6件，其中予以公开1件、部分公开2件，剩余申请按其他情形处理。",
    "公开信息100条，其中网站30条、其他平台40条以上。",
    "公开政府信息100余条，其中机构职能60条，法治建设70条。",
    "公开政府信息141件，其中，政策文件7条，法定主动公开67条；发布政务微博315条，微信公众号发布文章213篇。",
    "共收到政府信息公开申请5件，其中自然人申请3件，法人或其他组织申请2件；办结6件。",
    "召开会议3次，开展培训2次，共计120人次。",
    "主动公开信息747条，同比增加76.6%。其中县政府网站35条，占总量的4.7%；微信公众号622条，占83.3%；抖音90条，占12%。",
    "公开政府信息20条（其中网站15条），微信公众号发布30条。",
    "网站发布信息571条，公众号发布信息1120条，政务号发布信息326条，共计2017条。",
    "公开信息5条，其中政策3条（含解读9条），动态2条。",
    "网站公开信息571条。公众号发布信息1120条。通过各平台累计发布信息2017条。",
    "召开会议12次，其中专题会议3次，同比增加9次，培训20次。",
    "新收政府信息公开申请29件，其中自然人申请12件；均按规定予以办理，本年度办结30件。",
    "新收政府信息公开申请29件，其中自然人申请12件，已答复28件，转入下年2件。",
    "收办申请3646件，其中予以公开1431件、部分公开471件、其他处理（含撤回9件）1619件、转下年度办理125件。",
    "收办申请29件，其中予以公开20件、不予公开3件、其他处理4件，尚在办理2件。",
    "收办申请29件，其中予以公开20件、不予公开3件、其他处理6件，另有2件转下年度办理。",
    # other units, what is sent out besides, what is counted once, a channel's own, other years
    "公开信息120条，其中文章100篇，阅读250次。",
    "公开信息120条次，其中网站60条，微信70条。",
    "公开信息120条，其中文章60篇次，回应70篇次。",
    "发布信息20条，其中省级媒体采用15条，市级媒体采用18条。",
    "发布信息20条，其中人民网转载15条，新华网转载18条。",
    "更新信息100次，其中网站60条，微信70条。",
    "网站公开信息300条，微信发布信息200条。在全部公开信息中，动态类400条，其他100条。",
    "公开政府信息300条。在全部公开信息中，动态类200条，财政类20条。",
    "公开政府信息300余条。在全部公开信息中，动态类300条，财政类20条。",
    "公开政府信息300条。开展培训3次。\n在全部公开信息中，动态类310条，财政类20条。",
    "主动公开信息295条（不同渠道公开相同信息计1条），其中网站公开200条，微信150条。",
    "主动公开信息共373条（同一信息计1条），通过网站发布93条、通过微信发布323条、其他方式公开13条。",
    "网站公开信息共373条，通过微信发布信息93条、通过微博发布信息323条、其他方式公开13条。",
    "主动公开信息共373条，通过网站发布信息93条、通过微信发布信息267条、其他方式公开13条。",
    "主动公开信息共373条，通过新闻发布会公开10次、通过微信发布信息367条、其他方式公开13条。",
    "主动公开信息共373条，通过网站发布信息93条、通过微信发布信息323条、其他方式公开13条以上。",
    "主动公开信息共373条，通过网站发布信息占30%、通过微信发布信息323条、其他方式公开63条。",
    # in brackets and behind colons: parts that hold, are no parts, are not all, or are counted otherwise
    "共发布信息1000条（动态700条、公告200条、其他100条），较上年增加5条。",
    "共发布信息1000条：动态700条、公告200条、其他100条。",
    "共发布信息1000条（动态700条、公告200条、其他200条以上）。",
    "共发布信息1000条（动态700条、公告200条、其他信息若干条）。",
    "共发布信息1000条（同一信息计1条，网站700条、公众号200条、其他200条）。",
    "共发布信息1000条（动态700条、公告200条、其他阅读200次）。",
    "收到政府信息公开申请5件（补正3件，延期4件）。",
    "收到政府信息公开申请5件：网上4件，信函1件，其他方式0件，共计5件。",
    "上年结转1件（补正3件，延期4件，其他）。",
    # what the text says to count twice; parts that are parted before they are summed
    "发布政策解读12篇，其中文字解读8篇、图表解读5篇、视频解读2篇（部分政策采用多种形式）。",
    "发布信息共计1580条，其中网站发布930条、公众号发布1100条（部分内容同步发布）。",
    "发布信息共计1580条，其中网站930条、公众号1100条（含重复发布）。",
    "网站公开300条、微信公开200条、微博公开100条，共公开信息600条。",
    "网站公开300条、微信公开200条、微博转载100条，共公开信息500条。",
    "网站公开300条、微信公开200条、微博公开100条，部分信息同时发布，共公开信息500条。",
    "通过网站公开政策20条、财政信息30条，微信公众号公开50条，微博10条，共公开信息110条。",
    "网站公开300条（其中政策20条）、微信公开200条，共公开信息500条。",
    "政府网站公开100条，微信公众号公开200条，共收到留言20条。",
    "门户网站更新栏目12个，发布信息300条，微信发布200条，共发布信息500条。",
    "主动公开信息188条。其中目录中公开年度报告1条，动态类93条、其他8条，共发布102条；专栏公开收费76条、项目10条，共发布86条。",
]


def test_until_2018_channels_could_publish_the_same() -> None:
    text = "主动公开信息共373条，通过网站发布93条、通过微信公众号发布信息323条、其他方式公开13条。"
    assert told(text, year=2018) == []
    assert [one.code for one in told(text, year=2019)] == ["subtotal_differs"]


@pytest.mark.parametrize("text", TRUE_SUMS)
def test_sums_that_hold_or_say_less_are_not_told(text: str) -> None:
    assert [one for one in said(text) if one[0] == "subtotal_differs"] == []


SLIPS = [
    ("2022年，我局在县政府网站发布政府信息35条。", "2022"),
    ("一是充分利用县政府网站。2022年，我局在县政府网站发布政府信息35条。", "2022"),
    ("2021年度，全镇共公开政府信息120余条。", "2021"),
    ("2022年共收到政府信息公开申请2件，全部办结。", "2022"),
    ("所列数据的统计期限为2022年1月1日至2022年12月31日。", "2022"),
    ("（一）主动公开。2022年测试县司法局主动公开信息35条。", "2022"),
    ("我局2022年共公开信息35条。", "2022"),
    ("自2022年1月1日至12月31日，我局公开信息35条。", "2022"),
    ("截至2022年12月31日，我局共公开信息500条。", "2022"),
    ("二〇二二年共公开信息500条。", "2022"),
    ("2022年，我局共制定规范性文件0件，废止规范性文件0件。", "2022"),
    ("2022年，我局制定规范性文件3件。", "2022"),
    # that there was none of it, and what was done, without a figure
    ("2022年，测试县司法局未收到政府信息公开申请。", "2022"),
    ("2022年，我局没有因政府信息公开引发的行政复议、行政诉讼。", "2022"),
    ("2022年度没有收取信息处理费。", "2022"),
    ("2022年度，我局未向申请人收取信息处理费。", "2022"),
    ("按照规定，2022年度我局未产生信息处理费。", "2022"),
    ("截至2022年底，我局共收到政府信息公开申请5件。", "2022"),
    ("截至2022年12月底，我局在县政府网站公开信息268条。", "2022"),
    ("2022年无其他需要报告的事项。", "2022"),
    ("2022年，我局认真贯彻条例。", "2022"),
    ("现将2022年度政府信息公开工作情况报告如下。", "2022"),
    ("按照要求，现将我局2022年政府信息公开工作总结如下：", "2022"),
    ("2022年，在县政府的指导下，我局积极推进政务公开工作。", "2022"),
    ("2022年，我局政府信息公开工作取得一定成效，但仍存在不足。", "2022"),
    ("2022年，我局以习近平新时代中国特色社会主义思想为指导，推进政务公开。", "2022"),
    ("2022年，我局按照《条例》要求，稳步推进政务公开工作。", "2022"),
    ("2022年，我局进一步加强组织领导，完善工作制度。", "2022"),
    ("2022年，测试县教育局认真贯彻落实《条例》关于政务公开工作要点要求，进一步加大公开力度。", "2022"),
    ("2022年，我局无依申请公开事项。", "2022"),
    ("2022年，我局没有政府信息公开申请。", "2022"),
    ("2022年度，我局无行政复议、行政诉讼案件。", "2022"),
    ("根据《条例》要求，现公布测试县司法局2022年政府信息公开工作年度报告。", "2022"),
    ("本报告依《条例》编制，现向社会公布2022年度政府信息公开工作年度报告。", "2022"),
    # years that nobody could know
    ("2024年，我局共公开政府信息500条。", "2024"),
    ("2024年，我局未收到政府信息公开申请。", "2024"),
    ("2024年,我局无依申请公开事项。", "2024"),
    ("2032年，我局共公开政府信息500条。", "2032"),
    ("2203年，我局共公开政府信息500条。", "2203"),
]


@pytest.mark.parametrize(("text", "year"), SLIPS)
def test_a_sentence_of_a_former_year_is_a_slip(text: str, year: str) -> None:
    assert said(text) == [("year_slip", year, str(YEAR))]


@pytest.mark.parametrize(
    "text",
    [
        "2022年，我局公开政府信息35条，同比增长20%。",
        "2022年底，我局公开政府信息35条。",
        "2022年，县政府印发《测试县规定》（测政〔2022〕15号）。",
        "2023年公开政府信息50条，2022年公开政府信息35条。",
        "自2019年以来，我局累计公开政府信息350条。",
        "根据2022年政务公开工作要点，公开政府信息35条。",
        "2022年获评先进集体。",
        "2024年，我局将公开政府信息35条。",
        "2015年，我局公开政府信息35条。",
        "比2022年全年公开500条多20条。",
        "超过2022年全年公开数量20条。",
        "2022年公开的300条信息中，有5条已更新。",
        "2022年收到的5件申请均已办结。",
        "2022年12月，我局召开培训会1次。",
        "2021年、2022年分别公开政府信息300条、310条。",
        "2022年，我局公开政府信息500条。2023年，我局公开政府信息600条。",
        "2022年，我局认真贯彻条例。2023年，我局又有新的举措。",
        "2022年，我局进一步完善了公开制度，奠定了基础。目前，制度运行良好。",
        "2022年，我局未发生行政复议，今年发生1件。",
        "截至2022年12月31日，现行有效规范性文件12件。",
        "截至2022年12月31日，我局网站累计公开信息5678条。",
        "截至2022年底，我局累计公开信息5678条。",
        "截至2022年12月底，我局累计公开信息5678条。",
        "截至2022年底建成政务公开专区12个。",
        "按照2022年工作要点要求，我局未向申请人收取费用。",
        "2022年政务公开工作要点要求，我局认真贯彻落实。",
        "2022年，我局认真贯彻落实政务公开工作要点。",
        "2022年我局无行政复议，今年1件。",
        "与2022年无行政诉讼相比，2023年发生1件。",
        "2024年，力争我局无行政复议、行政诉讼。",
        "2022年度，我局向社会公布了年度报告，未向申请人收取费用。",
        "2022年，县政府印发《测试县规定》，我局据此公开事项20项。",
        "县政府对我局2022年公开信息工作考核，发布通报1次。",
        "完成2022年度部门决算公开1份。",
        "2024年1月，共发布信息20条。",
        "2024年，计划召开新闻发布会3场。",
        "2024年，召开推进会2次，开展培训3次。",
        "2024年部门预算公开1份。",
        "到2024年，全县共公开示范点20个。",
        "较2022年增加发布信息35条。",
        "2022年制定的规范性文件5件均有效。",
        "2022年共制定规范性文件3件，今年废止1件。",
        "2022年我局共制定规范性文件3件。2023年我局共制定规范性文件4件。",
        "2022年，县政府出台《测试县规定》，共12条。",
    ],
)
def test_sentences_that_name_another_year_rightly_are_no_slips(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("下一步，2023年我局将进一步加强信息公开。", ("2023", "2024")),
        ("2023年，我局将从以下几个方面改进：一是加强培训。", ("2023", "2024")),
        ("在2022年的工作中，我局将继续拓宽公开渠道。", ("2022", "2024")),
        ("2022年，我局信息公开工作虽取得一定成效，但也存在公开内容不够全面的问题。", ("2022", "2023")),
    ],
)
def test_plans_and_problems_of_a_year_that_is_over_are_slips(text: str, slip: tuple[str, str]) -> None:
    assert [(one.code, one.found, one.expected) for one in told(text, "problems")] == [("year_slip", *slip)]
    assert told(text, "problems", year=None) == []


@pytest.mark.parametrize(
    "text",
    [
        "2024年，我局将继续加强政府信息公开。",
        "下一步，我局将对照《2022—2025年行动方案》，继续加强公开。",
        "2023年，我局将政务公开工作纳入年度考核。",
        "2023年，我局将加强培训作为整改重点，问题得到解决。",
        "2022年度报告提出，2023年我局将进一步加强培训。",
        "2023年，我局将认真履职和公开相结合，开展培训2次。",
        "2022年，我局信息公开取得一定成绩，但仍存在问题。针对这些问题，我局采取了措施。",
        "2022年，我局信息公开取得一定成绩，但仍存在问题。2023年，我局又有改进。",
        "2023年，我局信息公开取得一定成绩，但仍存在问题。",
        "2023年12月，我局将继续加强的事项列出清单。",
    ],
)
def test_plans_for_the_year_to_come_and_what_was_done_about_old_problems_are_no_slips(text: str) -> None:
    assert told(text, "problems") == []


def test_a_title_above_a_sentence_is_no_part_of_it() -> None:
    text = "测试县司法局2023年政府信息公开工作年度报告\n现将2022年政府信息公开工作情况报告如下。"
    assert said(text) == [("year_slip", "2022", "2023")]
    assert said(text.replace("2022", "2023")) == []


def test_without_a_reporting_year_nothing_is_a_slip() -> None:
    assert told("2022年，我局在县政府网站发布政府信息35条。", year=None) == []


def test_lines_broken_by_a_page_are_read_as_one_sentence() -> None:
    text = "2023年，全市共收到政府信息\n公开申请 7\n件，均在法定期限内答复。\n（二）公开平台\n我局建设网站3个。"
    assert said(text) == [("narrative_conflict", "7", "5")]


def test_the_words_of_traditional_pages_are_understood() -> None:
    assert said("2023年，我局共收到政府信息公開申請7件。") == [("narrative_conflict", "7", "5")]


def test_what_is_quoted_stands_in_the_text_as_it_is_quoted() -> None:
    text = "２０２３年，共收到政府信息公開申請 １９９\n 件，同比增長。"
    (conflict,) = told(text)
    assert conflict.code == "narrative_conflict"
    quotation = conflict.zh.rpartition("：“")[2].removesuffix("”")
    assert quotation in " ".join(text.split())
    assert quotation in conflict.en
    assert "申請 １９９ 件" in quotation


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="共计收到申请公开其中条件年202,，。;；()3一、政府信息行政复议诉讼办结", max_size=300))
def test_no_text_makes_it_fail_or_hang(text: str) -> None:
    assert isinstance(told(text), list)


@pytest.mark.parametrize(
    "piece", ["共计", "政府信息公开", "收到", "其中", "公民、", "1", "12件、", "(", "未收到", "一二三", "1,234,"]
)
def test_no_repeated_piece_makes_it_hang(piece: str) -> None:
    long = piece * (800 // len(piece))
    assert isinstance(told(f"2023年，共收到政府信息公开申请{long}"), list)
    assert isinstance(told(f"收到{long}件。因政府信息公开行政复议{long}，其中{long}条"), list)


def test_a_text_full_of_contradictions_gives_a_bounded_list() -> None:
    text = "\n".join(f"2023年，我局共收到政府信息公开申请{number}件。" for number in range(10, 3_000))
    assert len(told(text)) == 40


def test_where_title_and_period_disagree_no_sentence_is_a_slip() -> None:
    """The title has the year of publication here: the text's year is the right one, and identity says so."""
    text = (
        "测试县司法局2024年政府信息公开工作年度报告\n本报告所列数据的统计期限自2023年1月1日起至2023年12月31日止。\n"
        "一、总体情况\n2023年，我局在县政府网站发布政府信息35条。\n二、主动公开政府信息情况\n三、收到和处理政府信息公开申请情况\n"
    )
    assert "year_slip" not in {found.code for found in read(text.encode()).findings}
    later = read(
        text.replace("2024年政府", "2022年政府")
        .replace("期限自2023年1月1日起至2023", "期限自2022年1月1日起至2022")
        .encode()
    )
    assert [found.found for found in later.findings if found.code == "year_slip"] == ["2023"]  # not over at that time
    slip = read(text.replace("期限自2023年1月1日起至2023", "期限自2024年1月1日起至2024").encode())
    assert "year_slip" in {found.code for found in slip.findings}

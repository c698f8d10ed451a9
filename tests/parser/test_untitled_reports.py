"""Reports whose title stands outside their text, and what has the same words and is none."""

from __future__ import annotations

import pytest

from archive.parser.reader import read
from storage.records import Reading

_OLD = """一、概述
2010年,我局继续开展政府信息公开工作。截至2010年底,我局政府信息公开工作运行正常。
二、政府信息主动公开情况
共主动公开政府信息175条。
三、政府信息依申请公开情况
未收到政府信息公开申请。
四、依申请公开政府信息收费情况
未收取任何费用。
五、行政复议和行政诉讼情况
未产生行政复议与行政诉讼。
六、主要问题和改进措施
公开的文件类政府信息数量较少。"""


def _read(text: str) -> Reading:
    return read(text.encode())


@pytest.mark.parametrize(
    "opening",
    [
        "根据《条例》规定,特向社会公布2017年度政府信息公开年度报告。本报告由概述,主动公开政府信息情况等组成。",
        "索 引 号 | 014416330/2018-04736 | 分 类 | 年报\n"
        "根据《条例》规定,现公布泰州市人民政府2017年政府信息公开工作年度报告。",
        "信息來源:沙塘鎮人民政府\n根據《條例》規定,沙塘鎮政府認真編制了2016年度政府信息公開年度報告。",
        "本年报是根据《政府信息公开条例》要求,由鹿城区发展和改革局编制的2008年度政府信息公开年度报告。",
        "本报告由市政府办公室根据《政府信息公开条例》编制而成。统计时限自2012年1月1日至2012年12月31日。",
        "根据《中华人民共和国政府信息公开条例》第五十条之规定,制作本报告。",
    ],
)
def test_a_sentence_that_publishes_or_compiles_the_report_is_as_good_as_a_title(opening: str) -> None:
    reading = _read(f"{opening}\n一、概述\n全年有序推进政府信息公开工作。\n二、主动公开政府信息情况\n755条。")
    assert reading.is_report
    assert reading.reason == ""


@pytest.mark.parametrize(
    ("opening", "is_report"),
    [
        ("现根据《政府信息公开条例》等要求，制定本局2022年政府信息公开工作年度报告。报告由六部分组成。", True),
        ("根据《政府信息公开条例》等规定，现将我局2022年度政府公开信息工作情况报告如下。", True),
        ("现根据《政府信息公开条例》等要求，制定本局2022年政府信息公开工作计划。", False),
        ("现根据《政府信息公开条例》等要求，就编制2022年政府信息公开工作年度报告有关事项通知如下。", False),
    ],
)
def test_an_opening_alone_makes_a_report_of_what_has_one_section(opening: str, *, is_report: bool) -> None:
    assert _read(f"{opening}\n一、总体情况\n2022年，汶上县水利局有序公开。").is_report is is_report


def test_the_parts_of_a_report_are_one_where_a_body_speaks_of_itself_and_its_year() -> None:
    assert _read(_OLD).is_report
    assert not _read(_OLD.replace("我局", "各单位").replace("2010年", "全年")).is_report


@pytest.mark.parametrize(("year", "told"), [(2018, False), (2019, True)])
def test_a_report_on_a_year_without_a_national_form_lacks_no_table_of_it(year: int, *, told: bool) -> None:
    reading = _read(
        f"汶上县水利局{year}年政府信息公开工作年度报告\n一、总体情况\n有序。\n二、主动公开政府信息情况\n755条。"
    )
    assert ("tables_absent" in [finding.code for finding in reading.findings]) is told


def test_a_report_from_before_the_forms_has_none_whatever_its_headings_are() -> None:
    text = "汶上县水利局{}年政府信息公开工作年度报告\n一、总体情况\n有序。\n二、主动公开政府信息情况\n755条。"
    assert _read(text.format(2018)).form == "pre2019"
    assert _read(text.format(2019)).form is None
    assert _read(text.format(2018).partition("二、")[0]).form is None  # no more than a beginning


def test_a_text_without_headings_lacks_no_table_of_a_form_that_there_was_not() -> None:
    opening = "本报告由汶上县水利局编制，统计期限为2012年1月1日至2012年12月31日。" + "全年有序公开，及时更新。" * 20
    reading = _read(f"汶上县水利局2012年政府信息公开工作年度报告\n{opening}一、概述\n全年有序。")
    assert "tables_absent" not in [finding.code for finding in reading.findings]


def test_labels_of_a_form_without_figures_are_not_called_absent() -> None:
    labels = (
        "第二十条第（一）项",
        "信息内容",
        "本年新\n制作数量",
        "本年新\n公开数量",
        "对外公开总数量",
        "规章\n\n",
        "规范性文件",
    )
    form = "\n\n".join(labels)
    reading = _read(f"汶上县残联2020年政府信息公开工作年度报告\n一、总体情况\n有序。\n二、主动公开政府信息情况\n{form}")
    (absent,) = [finding for finding in reading.findings if finding.code == "tables_absent"]
    assert "没有找到" not in absent.zh
    assert "2019" in absent.zh


_ASKING = (
    "各县(市、区)人民政府,市政府各部门:\n编制2018年度政府信息公开工作年度报告并向社会公布,现就有关事项通知如下:",
    "第一条 行政机关应当编制上一年度政府信息公开工作年度报告并向社会公布。年度报告包括下列内容:",
    "本报讯 市政府办公室向社会公布2019年政府信息公开工作年度报告。统计期限为2019年1月1日至12月31日。",
    "我局编制了《县水利局政府信息公开指南》,并编制2020年度政府信息公开工作年度报告向社会公布。",
    "受委托,课题组对2019年政府信息公开工作年度报告发布情况进行了评估,现将评估结果公布如下。",
    "根据《条例》要求,现公布2019年上半年政府信息公开工作情况报告。",
    "根据《高等学校信息公开办法》,编制了2018-2019学年信息公开年度报告。",
    "XX局编制了XXXX年度政府信息公开工作年度报告。",
)
_EXPLAINING = (
    "《汶上县水利局2023年政府信息公开工作年度报告》已经编制完成并向社会公开,现就年报内容进行如下解读。\n"
    "一、编制背景\n汶上县水利局编制了《汶上县水利局2023年政府信息公开工作年度报告》。\n二、统计期限\n"
    "本年度报告中所列数据统计期限从2023年1月1日到2023年12月31日止。",
    "现就编制2023年政府信息公开工作年度报告有关事项说明。\n一、总体情况\n这一项报告本机关工作总体情况。\n"
    "二、主动公开政府信息情况\n统计期限为2023年1月1日至12月31日。我局各科室请于1月10日前报办公室。",
    "根据《政府信息公开条例》《法治政府建设与责任落实督察工作规定》,编制本报告。\n一、总体情况\n"
    "2023年,我局深入推进依法行政,政府信息公开工作有序进行。\n二、存在的主要问题",
    "根据《高等学校信息公开办法》和《政府信息公开条例》要求,编制本报告。统计期限为2019年9月1日至2020年8月31日。\n"
    "一、概述\n2020年,我校认真开展政府信息公开工作。",
    "为方便公众理解,我局对2023年政府信息公开工作年度报告作如下解读。\n一、总体情况\n2023年,我局公开120条。\n"
    "二、主动公开政府信息情况\n统计期限自2023年1月1日起至2023年12月31日止。",
)


_FIVE = (
    "二、主动公开政府信息情况\n三、收到和处理政府信息公开申请情况\n"
    "四、政府信息公开行政复议、行政诉讼情况\n五、存在的主要问题及改进情况"
)
_BELOW_HEADINGS = (
    "一、总体情况\n2023年,汶上县水利局举办政府信息公开工作年度报告编制培训会。\n二、主动公开政府信息情况讲解\n三、收到和处理政府信息公开申请情况讲解",
    "一、总体情况\n《汶上县水利局2023年政府信息公开工作年度报告》已公布,现解读如下。\n2023年,汶上县水利局公开345条。\n"
    "二、主动公开政府信息情况\n三、收到和处理政府信息公开申请情况",
    f"一、总体情况\n2023年,本机关……\n{_FIVE}",
)


@pytest.mark.parametrize("text", [*_BELOW_HEADINGS, *(f"{opening}\n{_OLD}" for opening in _ASKING), *_EXPLAINING])
def test_what_asks_for_reports_or_explains_them_or_is_another_is_none(text: str) -> None:
    assert not _read(text).is_report


@pytest.mark.parametrize("title", ["汶上县水利局2025年度政务公开工作自查报告", "2025年度政务公开\n工作自查报告", ""])
def test_a_body_that_looks_into_its_own_work_reports_on_that(title: str) -> None:
    text = "根据通知要求，我局对2025年政务公开工作进行了自查，现将情况报告如下："
    assert not _read(f"{title}\n{text}\n一、工作开展情况。\n二、自查发现的问题。\n三、整改措施。").is_report


def test_a_notice_whose_title_is_broken_over_lines_is_no_report() -> None:
    title = "国务院办公厅政府信息与政务公开办公室\n关于政府信息公开工作年度报告\n有关事项的通知"
    reading = _read(f"{title}\n\n各省人民政府办公厅:\n现就有关事项通知如下:\n一、抓紧部署\n二、规范编制")
    assert (reading.is_report, reading.reason) == (False, "notice")


_OPENED = "根据《条例》规定,现向社会公布汶上县公安局2020年政府信息公开工作年度报告。\n一、总体情况\n"


@pytest.mark.parametrize(
    "work",
    [
        "经办人在发布政府信息前应填写审查表。",
        "编制《政府信息公开指南》,各单位要按规定执行,统一使用模板。",
        "2020年,我局请各科室报送信息120条,完善本规定的公开范围。",
        "本报告包括以下内容:总体情况等。\n二、主动公开政府信息情况\n第二十条第(一)项\n规章",
    ],
)
def test_what_a_report_says_of_its_work_does_not_make_it_a_notice(work: str) -> None:
    assert _read(f"{_OPENED}{work}\n2020年,我局公开1184条。").is_report


@pytest.mark.parametrize(
    "opening",
    [
        "根据《政府信息公开条例》要求,编制本报告。统计数据时间范围为2025年1月1日至2025年12月31日。",
        "根据《政府信息公开条例》和《政府信息公开工作年度报告格式》要求,特编制完成本报告。",
        "本报告根据《政府信息公开条例》要求,由汶上县人民医院编制。统计期限自2025年1月1日起。",
        "本年报根据《政府信息公开条例》文件要求进行编制。由总体情况等6项内容组成。",
        "根据《政府信息公开条例》和县政府关于做好年度报告编制工作的通知要求,现编制本年度报告。",
        "根据《政府信息公开条例》规定,现公布汶上县水利局政府信息公开工作年度报告。数据截止日期为2025年12月31日。",
        "本年度报告根据《政府信息公开条例》和有关格式制作。所列数据统计期限为2025年1月1日至2025年12月31日。",
        "本报告根据《政府信息公开条例》,由汶上县水利局办公室编制并依法公开,统计时间为2025年1月1日至2025年12月31日。",
        "本报告依据《政务公开办公室关于政府信息公开工作年度报告有关事项的通知》,由汶上县水利局编制。2025年,我局有序。",
    ],
)
def test_a_report_that_says_by_which_rule_it_was_made_is_one_with_a_single_heading(opening: str) -> None:
    assert _read(f"{opening}\n一、工作概述\n2025年,汶上县水利局坚持公开为常态。我局公开37条。").is_report


@pytest.mark.parametrize(
    "opening",
    [
        "根据《条例》规定,现公布广东省人民政府办公厅2023年政府信息公开工作年度报告。本报告由总体情况等部分组成。",
        "现将汶上县水利局2023年政府信息公开工作年度报告公布如下。",
    ],
)
def test_a_sentence_that_publishes_a_bodys_report_on_a_year_needs_no_heading(opening: str) -> None:
    work = "\n(一)主动公开方面。2023年,公开财政预决算4条,政府信息公开考核优秀。"
    assert _read(f"{opening}{work}").is_report
    assert not _read(f"汶上县水利局编制了2023年政府信息公开工作年度报告。{work}").is_report


def test_a_body_may_speak_of_itself_by_its_name() -> None:
    work = "一、总体情况\n2023年,番禺区人民政府办公室严格落实《政府信息公开条例》,经评估考核优秀。"
    items = "\n(一)主动公开\n公开9条。\n(二)依申请公开\n收到80件。\n(三)政府信息管理\n有序。"
    assert _read(work + items).is_report
    assert _read(f"{work}\n二、主动公开政府信息情况\n三、收到和处理政府信息公开申请情况").is_report
    assert not _read(work.replace("番禺区人民政府办公室", "各单位") + items).is_report


def test_the_headings_of_the_national_form_are_a_report_whoever_speaks() -> None:
    assert _read(f"一、总体情况\n2023年,中山市供销社落实《政府信息公开条例》,公开99条。\n{_FIVE}").is_report
    assert not _read(f"一、总体情况\n中山市供销社落实《政府信息公开条例》,公开99条。\n{_FIVE}").is_report


def test_a_title_over_a_text_in_another_language_is_no_report() -> None:
    title = "水利部2017年政府信息公开工作年度报告"
    summary = "The report outlines the efforts of the Ministry of Water Resources to enhance public engagement. "
    assert not _read(f"{title}\n{summary * 5}").is_report
    assert _read(f"{title}\n{summary * 5}\n一、总体情况\n2017年,我部公开99条。\n二、主动公开情况").is_report


def test_what_a_report_says_behind_the_sentence_on_its_making_is_of_its_work() -> None:
    opening = "本年度報(bào)告是根據(jù)《政府信息公開條例》要求,由汶上縣統(tǒng)計(jì)局編寫而成。"
    assert _read(f"{opening}\n2015年,我局按照考核要求公開。").is_report


_ITEMS = (
    "一、总体情况\n2025年,我局落实考核要求。\n"
    "(一)政府信息主动公开情况\n公开621条。\n(二)政府信息依申请公开情况\n新收到申请42件。"
)


def test_the_items_of_the_forms_first_section_are_a_report_and_none_of_them_its_title() -> None:
    whole = f"{_ITEMS}\n(三)政府信息管理情况\n有序。\n(四)政府信息公开平台建设情况\n有序。"
    assert _read(whole).is_report
    assert not _read(whole).identity.titles
    assert not _read(_ITEMS).is_report
    assert not _read(whole.replace("我局", "各单位")).is_report
    assert not _read(whole.replace("总体情况", "工作情况")).is_report


_ARTICLES = "第一条 为促进政府信息公开,制定本制度。\n第二条 各部门负责编制本站所的政府信息公开年度报告\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{_ARTICLES}第三条 内容\n一、主动公开政府信息情况\n二、收到和处理政府信息公开申请情况", "rule"),
        (
            "2020年度信息公开工作年度报告\n某省农业大学\n(2020年10月30日)\n按照《高等学校信息公开办法》要求,现将我校"
            "2020年度信息公开工作总结如下:\n一、概述\n学校坚决贯彻落实。",
            "other_regime",
        ),
        (
            "2020年度信息公开工作年度报告\n按照《高等学校信息公开办法》要求,现将我校工作总结如下:\n一、概述\n有序。",
            "other_regime",
        ),
        ("一、问:什么是政府信息公开年度报告?\n答:每年1月31日前公布。\n统计期限为2023年1月1日至12月31日。", ""),
    ],
)
def test_articles_of_a_rule_schools_and_questions_are_no_reports(text: str, reason: str) -> None:
    reading = _read(text)
    assert not reading.is_report
    assert reason in ("", reading.reason)


def test_the_title_behind_the_first_blank_of_a_text_without_line_ends_is_found() -> None:
    text = "汶上县水利局 2024年度政府信息公开工作年度报告 2024年,县水利局秉承公开透明的原则。" + "积极公开信息。" * 60
    reading = _read(text)
    assert reading.is_report
    assert reading.identity.titles[0].startswith("汶上县水利局 2024年度")


def test_the_date_below_the_label_of_a_page_is_no_title() -> None:
    reading = _read("发布时间:\n2023-01-18 10:36\n信息来源:\n市政府办公室\n根据《条例》编制。\n一、总体情况\n有序。")
    assert not reading.identity.titles


@pytest.mark.parametrize(
    "line",
    [
        "用微信扫描二维码分享至好友和朋友圈",
        "您现在所在的位置 : 首页 > 政务公开 > 通知公告",
        "首页 > 县水利局 > 政务公开",
        "文章來源(yuan):辦公廳 發布時間(jian):2022-01-29",
        "2023-01-17 15:09:12來源：縣政府辦公室",
        "无障碍阅读",
    ],
)
def test_what_a_page_prints_of_itself_is_no_title(line: str) -> None:
    assert not _read(f"{line}\n2024年,我局落实《政府信息公开条例》。").identity.titles


def test_what_a_report_compiled_for_its_work_does_not_outweigh_the_items_of_its_first_section() -> None:
    whole = (
        "一、總體情況\n2021年,揭陽市退役軍人事務局落實《條例》。\n(一)主動公開\n編制《主動公開基本目錄》。\n(二)依申請公開\n"
        "收到2件。\n(三)政府信息管理\n有序。\n(四)政府信息公開平臺建設\n有序。"
    )
    assert _read(whole).is_report
    assert not _read(f"各部门:\n{whole}").is_report


@pytest.mark.parametrize(
    "said",
    [
        "2020年,根据县政府办《关于做好2020年度政府信息公开工作年度报告编制工作的通知》要求,我局有序公开政府信息。",
        "2020年,本机关严格按照《政府信息公开条例》要求公开信息。现就信息公开工作报告如下:收到1份区政府办公室依申请公开意见征询件。",
    ],
)
def test_a_first_section_says_by_which_notice_or_that_it_reports(said: str) -> None:
    work = "(一)加强领导。2020年,我局公开9条。"
    reading = _read(f"一、总体情况\n{said}\n{work}")
    assert reading.is_report
    assert not [name for name in reading.identity.running if name.startswith("份")]
    assert not _read(f"{said.replace('2020年度', '2019年度').replace('报告如下', '开展如下')}\n{work}").is_report
    assert not _read(f"各单位:\n{said}\n{work}").is_report


@pytest.mark.parametrize(
    ("opening", "end"),
    [
        ("我乡发挥信息公开对建设法治政府的促进作用,现将2020年政府信息公开工作报告如下:", ""),
        ("我乡公开2020年财政预决算,现将2020年政府信息公开工作报告如下:", ""),
        (
            "我乡落实《条例》、《关于做好政府网站年度报表发布工作的通知》,公开财政预决算。统计期限为2020年1月1日至2020年12月31日。",
            "\n三、收到和处理政府信息公开申请情况\n收到0件。",
        ),
        ("我乡编写了2020年政府信息公开工作年度报告,现将有关情况报告如下:", "\n第二十条"),
    ],
)
def test_what_a_report_names_where_it_opens_does_not_make_it_another(opening: str, end: str) -> None:
    work = "一、总体情况\n2020年,我乡有序推进。\n二、主动公开政府信息情况\n公开9条。"
    assert _read(f"{opening}\n{work}{end}").is_report


@pytest.mark.parametrize(
    "opening",
    ["现将2020年法治政府建设情况报告如下:", "现将2020年部门预算公开情况说明如下:", "\n第二十条 年度报告应当公布。"],
)
def test_what_opens_as_another_report_is_none(opening: str) -> None:
    work = "一、总体情况\n2020年,我乡按照《政府信息公开条例》推进。\n二、主动公开政府信息情况\n公开9条。"
    assert not _read(f"我乡根据《政府信息公开条例》编制了报告。{opening}\n{work}").is_report


_PERIOD = "本报告中所列数据的统计期限自2021年1月1日至12月31日。"


@pytest.mark.parametrize(
    "text",
    [
        f"2021年,我县认真落实《政府信息公开条例》。报告主要包括:总体情况、主动公开政府信息情况。{_PERIOD}\n一、总体情况\n有序。",
        "汶上县水利局2019年政府信息公开工作年度报告(以下简称年报)是根据《政府信息公开条例》规定进行编制。\n一、总体情况\n有序。",
        "一、总体情况\n2021年,汶上县水利局主动做好政策解读,主动公开信息40条。\n二、主动公开政府信息情况\n"
        "三、收到和处理政府信息公开申请情况",
        f"通知公告\n现公布汶上县水利局2021年政府信息公开工作年度报告。{_PERIOD}\n一、总体情况\n有序。\n二、主动公开政府信息情况",
    ],
    ids=["its own period", "its own name", "explains policies", "a menu above it"],
)
def test_what_a_report_says_of_itself_is_enough_with_its_first_heading(text: str) -> None:
    assert _read(text).is_report


@pytest.mark.parametrize(
    "text",
    [
        f"通知公告\n关于做好2021年年度报告编制工作的通知\n各镇人民政府:\n现将有关事项通知如下:\n{_PERIOD}\n一、总体情况\n填写。",
        f"政府信息公开指南\n本指南适用于汶上县水利局。{_PERIOD}\n一、概述\n公开。\n二、主动公开政府信息情况",
        "近日,汶上县水利局对2021年政府信息公开年度报告进行解读。\n一、总体情况\n2021年,我局有序公开。\n二、主动公开政府信息情况\n"
        "三、收到和处理政府信息公开申请情况",
    ],
)
def test_the_same_words_in_a_notice_a_guide_and_news_are_none(text: str) -> None:
    assert not _read(text).is_report


def test_below_the_name_of_a_column_a_report_that_is_published_needs_no_period() -> None:
    said = "根据《条例》要求,现公布汶上县水利局2020年政府信息公开工作年度报告。\n一、总体情况\n公开40条。"
    assert _read(f"行政规范性文件\n{said}").is_report
    assert not _read(f"行政规范性文件\n{said.replace('现公布', '各单位应编制')}").is_report


_LIST = "一、概述,(一)推进公开，深化内容。,(二)力求稳中有进。,二、主动公开政府信息情况,三、依申请公开情况,"
_BELOW = (
    "一、概述\n2012年度报告根据《政府信息公开条例》的要求，由市政府办公室综合各部门的年度报告编制而成。\n"
    "2012年，各部门推进主动公开。"
)


@pytest.mark.parametrize("contents", [_LIST, _LIST.replace(",", "，"), "一、概述 二、主动公开 三、依申请公开 四、收费"])
def test_a_line_that_lists_the_contents_hides_no_report(contents: str) -> None:
    assert _read(_BELOW).is_report
    assert _read(f"{contents}\n{_BELOW}").is_report


def test_a_line_that_lists_other_contents_makes_no_report() -> None:
    below = "一、适用范围\n本办法适用于市政府各部门。\n二、主动公开\n各部门应当主动公开政府信息，编制2012年度报告。"
    assert not _read(f"{_LIST}\n{below}").is_report

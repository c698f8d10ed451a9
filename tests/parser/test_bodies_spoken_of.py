"""Whose report it is where the text speaks of other bodies, or names its own shortly, or only its site does."""

from __future__ import annotations

import pytest

from archive.identity.evidence import Identified, identify
from archive.parser.reader import read

_TEXT = "一、概述\n2018年,全年新增主动公开政府信息449条。\n二、主动公开政府信息情况\n公开了449条。"


def _whose(opening: str, text: str = _TEXT) -> Identified:
    return identify(read(f"{opening}\n{text}".encode()).identity)


def test_the_office_that_is_asked_about_a_report_is_not_whose_it_is() -> None:
    found = _whose(
        "本报告根据《条例》以及2018年度青岛市政府各部门和各区、市政府的信息公开工作年度报告编制。"
        "如对本报告有任何疑问,请与青岛市政府信息公开办公室联系(地址:青岛市市南区香港中路11号)。"
    )
    assert (found.agency, found.report_kind) == ("青岛市人民政府", "government")
    titled = _whose(
        "宿州市人民政府2018年政府信息公开工作年度报告\n如有疑问,请与宿州市政务公开办公室联系(地址:政务中心)。"
    )
    assert titled.agency == "宿州市人民政府"
    assert not [finding for finding in titled.findings if finding.code == "agency_conflict"]


def test_who_compiles_the_reports_of_all_compiles_the_governments() -> None:
    found = _whose(
        "本报告由南平市人民政府信息公开工作领导小组办公室根据《条例》,汇总南平市各县(市、区)、市政府各有关部门政府信息公开工作情况编制而成。"
    )
    assert found.agency == "南平市人民政府"


def test_the_mark_of_a_page_is_no_part_of_a_name() -> None:
    assert _whose("Page 8 - 威海市文登区信访局2018年政府信息公开工作年度报告").agency == "威海市文登区信访局"


@pytest.mark.parametrize(
    ("opening", "text", "agency", "place"),
    [
        (
            "普宁市人民政府门户网站\n普宁市人民政府\n流沙西街道2020年政府信息公开工作年度报告",
            _TEXT,
            "流沙西街道办事处",
            "普宁市",
        ),
        (
            "2020年政府信息公开工作年度报告",
            _TEXT.replace("2018年,", "2020年,县人社局严格按照条例发布信息,利用凤县人民政府网站,"),
            "凤县人力资源和社会保障局",
            "凤县",
        ),
    ],
)
def test_the_site_gives_the_place(opening: str, text: str, agency: str, place: str) -> None:
    found = _whose(opening, text)
    assert (found.agency, found.place) == (agency, place)


def test_what_stands_for_pictures_above_a_title_is_no_part_of_it() -> None:
    reading = read(f"明升体育\n\n图片\n\n图片\n\n鸭南乡2021年政府信息公开工作年度报告\n{_TEXT}".encode())
    assert "title_conflict" not in [finding.code for finding in reading.findings]


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("2025年,汶上县水利局聚焦中心工作,公开信息12条。", "汶上县水利局"),
        ("2025年汶上县水利局依申请信息公开办理有69件。", "汶上县水利局"),
        ("为认真做好京山市卫生健康局政府信息公开工作,我局精心组织。", "京山市卫生健康局"),
        ("(三)政府信息管理\n汶上县水利局强化管理。", "汶上县水利局"),
        ("西柳镇人民政府办公室共制定规范性文件0件。", "西柳镇人民政府"),
        ("2025年,国家国际发展合作署以公开为常态,我署及时转载。", "国家国际发展合作署"),
    ],
)
def test_the_one_body_that_the_text_speaks_of_is_whose_it_is(text: str, agency: str) -> None:
    assert _whose("政府信息公开工作年度报告", f"一、总体情况\n{text}").agency == agency


def test_a_ministry_that_a_bureaus_text_speaks_of_is_not_whose_it_is() -> None:
    text = "一、总体情况\n2025年,教育部坚持公开。我局公开12条。"
    assert _whose("政府信息公开工作年度报告", text).agency is None


def test_a_bureau_of_a_zone_is_completed_with_the_zone_that_the_text_names() -> None:
    body = "武汉市东湖生态旅游风景区管理委员会市场监督管理局"
    found = _whose("市场监督管理局2021年政府信息公开工作年度报告", f"一、总体情况\n2021年,{body}认真贯彻《条例》。")
    assert found.agency == body


def test_who_is_asked_within_a_bureau_names_the_bureau() -> None:
    opening = "根据《条例》规定,现将我局2021年度政府信息公开年度报告向社会公布。如有疑问,请与漳平市财政局人秘股联系。"
    assert _whose(opening).agency == "漳平市财政局"


def test_the_source_ends_where_the_pages_other_data_begin() -> None:
    opening = "凤凰镇2023年政府信息公开工作年度报告\n来源:张家港市凤凰镇发布时间:2024-01-26 17:49:57访问量:"
    assert _whose(opening).place == "张家港市"
    part = _whose("来源:政府信息公开办 时间:2024-01-26\n汶上县水利局2023年政府信息公开工作年度报告")
    assert not [one.code for one in part.findings if one.code == "agency_conflict"]


@pytest.mark.parametrize(
    ("asked", "work", "agency"),
    [
        ("请联系桃江县审计局办公室。", "我局有序公开。", "桃江县审计局"),
        ("联系单位:桃江县审计局,电话:1。", "县审计局坚持公开。", "桃江县审计局"),
        ("请联系桃江县政务服务中心。", "我局有序公开。", None),
        ("请联系桃江县政务服务中心。", "桃江县审计局坚持公开。", "桃江县审计局"),
        ("请联系桃江县政府信息公开办公室。", "有序公开。", None),
    ],
)
def test_who_is_to_be_asked_is_taken_where_nothing_else_names_a_body(asked: str, work: str, agency: str | None) -> None:
    opening = f"2023年政府信息公开工作年度报告\n根据《条例》编制本报告。如有疑问,{asked}"
    assert _whose(opening, f"一、总体情况\n2023年,{work}\n二、主动公开政府信息情况").agency == agency


@pytest.mark.parametrize(
    ("title", "work", "agency", "place"),
    [
        ("大路镇人民政府", "我镇落实《琼海市人民政府办公室关于印发方案的通知》", "大路镇人民政府", "琼海市"),
        ("市水利局", "我局通过昆山市人民政府网站公开", "昆山市水利局", "昆山市"),
        ("市水利局", "我局通过济宁市人民政府网站公开", None, None),
        ("市水利局", "我局落实《济宁市人民政府关于公开的意见》,通过邹城市人民政府网站公开", None, None),
    ],
)
def test_the_government_of_a_city_without_counties_gives_the_place(
    title: str, work: str, agency: str | None, place: str | None
) -> None:
    found = _whose(f"{title}2023年政府信息公开工作年度报告", f"一、总体情况\n2023年,{work}。")
    assert (found.agency, found.place) == (agency, place)


@pytest.mark.parametrize("printed", ["平江县上塔市镇人民政府", "平江縣上塔市鎮人民政府", "平江县上塔市镇党政办公室"])
def test_a_town_may_be_called_after_a_market(printed: str) -> None:
    found = _whose("2023年政府信息公开工作年度报告", f"一、总体情况\n2023年,{printed}按照要求公开。")
    assert (found.agency, found.place) == ("平江县上塔市镇人民政府", "平江县")


def test_an_office_whose_own_report_a_text_publishes_is_the_body() -> None:
    found = _whose("根据《条例》,现公布中山市大涌镇人民政府办公室2009年政府信息公开工作年度报告。")
    assert found.agency == "中山市大涌镇人民政府办公室"


@pytest.mark.parametrize(
    "said",
    [
        "本报告由武汉经济技术开发区(汉南区)医疗保障局编制。",
        "现公布武汉经济技术开发区(汉南区)医疗保障局2023年政府信息公开工作年度报告。",
        "根据《条例》编制。\n一、总体情况\n2023年,武汉经济技术开发区(汉南区)医疗保障局认真贯彻《条例》。",
    ],
)
def test_the_other_name_of_a_zone_is_part_of_its_bureaus_names(said: str) -> None:
    assert _whose(said).agency == "武汉经济技术开发区(汉南区)医疗保障局"


def test_what_stands_in_brackets_behind_a_body_is_no_part_of_its_name() -> None:
    assert _whose("本报告由汶上县自然资源局(林业局)办公室编制。").agency == "汶上县自然资源局"


@pytest.mark.parametrize(
    ("said", "agency"),
    [
        ("2023年,汶上县水利局(以下简称“县水利局”)严格落实。", "汶上县水利局"),
        ("2023年,汶上县水利局信息公开工作严格按照要求开展。", "汶上县水利局"),
        ("截至2023年12月31日,汶上县次邱镇人民政府通过平台公开。", "汶上县次邱镇人民政府"),
        ("2023年,济宁市发改委全面落实。", "济宁市发展和改革委员会"),
        ("2023年,山东省水利厅认真落实。", "山东省水利厅"),
        ("2023年,汶上县供销社认真落实。", "汶上县供销社"),
        ("按照国务院办公厅《关于要点的通知》,山东省人民政府办公厅要求公开。", None),
        ("成立汶上县水利局信息公开工作领导小组。", None),
    ],
)
def test_the_body_that_sentences_speak_of(said: str, agency: str | None) -> None:
    assert _whose("2023年政府信息公开工作年度报告", f"一、总体情况\n{said}").agency == agency


@pytest.mark.parametrize("made", ["由汶上县供销联社结合工作实际编制。", "本报告由汶上县供销联社结合有关统计数据编制。"])
def test_who_compiled_a_report_may_say_by_what(made: str) -> None:
    assert _whose(f"根据《条例》要求,{made}").agency == "汶上县供销联社"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("制定《商都县卯都乡人民政府信息发布审核表》。", "商都县"),
        ("受理机构为商都县卯都乡人民政府党政综合办公室。", "商都县"),
        ("我乡通过商都县政府信息公开平台公开12条。", "商都县"),
        ("在化德县学习,参观商都县卯都乡和化德县卯都乡。", None),
        ("通过济宁市政府信息公开平台公开12条。", None),
        ("政府信息公开平台建设情况按照区政务公开平台要求公开。", None),
    ],
)
def test_the_county_of_a_township_is_what_stands_before_its_name_or_whose_platform_it_publishes_on(
    text: str, place: str | None
) -> None:
    found = _whose("卯都乡2022年政府信息公开工作年度报告", f"一、总体情况\n2022年,{text}")
    assert (found.agency, found.place) == ("卯都乡人民政府", place)


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("乾县水利局", "乾县水利局"),
        ("撫遠市自然資源局", "抚远市自然资源局"),
        ("中山市供銷合作聯社", "中山市供销合作联社"),
    ],
)
def test_sentences_are_folded_into_simplified_characters_wholly_and_names_keep_their_own(
    printed: str, name: str
) -> None:
    reading = read(f"一、总体情况\n2023年,{printed}認真落實條例。\n二、主动公开政府信息情况".encode())
    assert reading.identity.running[:1] == (name,)


@pytest.mark.parametrize(
    "said", ["进一步规范做好局政府信息公开审查", "建立局党组全面领导的机制", "收到1份区政府办公室依申请公开征询件"]
)
def test_words_before_an_inner_body_are_no_name(said: str) -> None:
    assert identify(read(f"一、总体情况\n2023年,{said}。\n二、主动公开政府信息情况".encode()).identity).agency is None
    assert read(f"一、总体情况\n2023年,{said}。\n二、主动公开政府信息情况".encode()).identity.running == ()


def test_a_township_without_fees_is_named() -> None:
    reading = read("一、总体情况\n2014年,南薰乡未收取任何政府信息公开费用。\n二、主动公开政府信息情况".encode())
    assert reading.identity.running == ("南薰乡",)


_WORK = "严格落实《条例》。\n二、主动公开政府信息情况\n公开了449条。\n三、收到和处理政府信息公开申请情况\n收到2件。"


@pytest.mark.parametrize(
    ("begins", "agency"),
    [
        ("番禺区人民政府办公室", "番禺区人民政府办公室"),
        ("番禺区人民政府", "番禺区人民政府"),
        ("番禺区", "番禺区人民政府"),
        ("番禺经济技术开发区管委会", "番禺经济技术开发区管委会"),
    ],
)
def test_the_government_with_whose_work_the_first_section_begins_is_whose_report_it_is(
    begins: str, agency: str
) -> None:
    text = f"一、总体情况\n2024年,{begins}{_WORK}"
    found = _whose("", text)
    assert (found.agency, [one.code for one in found.findings]) == (agency, ["agency_inferred"])
    assert _whose("", text.replace("2024年,", "2024年,在上级指导下,")).agency is None
    assert _whose("", text.replace("收到2件", "我局收到2件")).agency != agency
    assert _whose("", f"{text}\n2024年,县水利局严格落实。").agency != agency


def test_a_report_that_its_page_says_is_a_bodys_is_not_that_of_the_government_it_begins_with() -> None:
    page = (
        '<html><head><meta name="ContentSource" content="番禺区水利局"></head><body>'
        f"<p>一、总体情况</p><p>2024年,番禺区{_WORK}</p></body></html>"
    )
    found = identify(read(page.encode()).identity)
    assert found.agency == "番禺区水利局"
    assert not [one for one in found.findings if one.code == "agency_conflict"]


def test_who_sums_its_work_up_is_whose_report_it_is_and_a_copied_opening_is_told() -> None:
    opening = "按照要求,盐源县水利局对2021年政府信息公开工作进行了认真总结,统计期限为2021.1.1—2021.12.31。"
    found = _whose(opening)
    assert (found.agency, found.year) == ("盐源县水利局", 2021)
    copied = _whose(f"灌云县水利局2022年政府信息公开工作年度报告\n{opening}")
    assert copied.agency == "灌云县水利局"
    assert {"agency_conflict", "year_slip"} <= {one.code for one in copied.findings}
    assert _whose("灌云县水利局2021年政府信息公开工作年度报告\n发布时间:2024.01.01。").findings == ()

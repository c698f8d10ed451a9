"""What a text says of the report that it is, where it opens: body and year, and nothing of a former report."""

from __future__ import annotations

import pytest

from archive.forms.spelling import simplify
from archive.identity.evidence import identify
from archive.identity.naming import complete
from archive.parser.opening_lines import Opening, is_sentence, openings
from archive.parser.reader import read, read_plain
from archive.parser.stated_year import period, period_or_opening, without_tables, year_mentioned
from archive.parser.statistics.titles import is_of_another_body
from nianbao.cli.texts.reading_json import findings_of
from storage.clock import Clock

NOTICE = "《国务院办公厅政府信息与政务公开办公室关于印发〈政府信息公开工作年度报告格式〉的通知》"
TABLE = """二、主动公开政府信息情况
第二十条第（一）项
信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数
规章 | 0 | 0 | 0
行政规范性文件 | 0 | 0 | 0
"""


def test_a_province_is_named_as_a_county_is() -> None:
    text = "根据《条例》规定，现发布《辽宁省2019年度政府信息公开工作报告》。\n一、总体情况\n2019年，辽宁省有序推进。"
    assert identify(read_plain(text.encode()).identity).agency == "辽宁省人民政府"


def test_a_report_that_was_made_by_a_body_is_no_part_of_its_name() -> None:
    text = "2019年政府信息公开工作年度报告由汶上县水利局根据《条例》编制。\n一、总体情况\n2019年，公开12条。"
    assert identify(read_plain(text.encode()).identity).agency == "汶上县水利局"


def test_a_governments_office_of_research_says_of_which_place_it_is() -> None:
    text = "市政府研究室2019年政府信息公开工作年度报告\n一、总体情况\n2019年孝感市政府研究室主动公开信息16条。"
    assert identify(read_plain(text.encode()).identity).agency == "孝感市政府研究室"


@pytest.mark.parametrize("said", ["汶上县水利局的政府信息公开工作严格按照要求进行", "汶上县水利局政府信息公开工作有序"])
def test_whose_work_a_text_is_on(said: str) -> None:
    text = f"一、总体情况\n2021年，{said}，全年公开246条。\n二、主动公开政府信息情况\n公开。"
    assert identify(read_plain(text.encode()).identity).agency == "汶上县水利局"


@pytest.mark.parametrize(
    ("said", "agency", "year"),
    [
        ("根据《条例》的规定，现向社会公布开平市水利局2025年政府信息公开工作年度报告。", "开平市水利局", 2025),
        ("按照要求，特向社会公布《汶上县教育局2021年政府信息公开工作年度报告》，请监督。", "汶上县教育局", 2021),
        ("现公布《平利县司法局2020年政府信息公开工作年度报告》。", "平利县司法局", 2020),
        ("现公开我局2020年度政府信息公开工作年度报告。", "", 2020),
        ("现根据《条例》等要求，制定汶上县民政局2022年政府信息公开工作年度报告。", "汶上县民政局", 2022),
        ("根据《条例》等规定，现将汶上县民政局2023年度政府公开信息工作情况报告如下。", "汶上县民政局", 2023),
        ("根据规定，济源市天坛街道办事处现公布2023年政府信息公开工作年度报告。", "济源市天坛街道办事处", 2023),
        ("依据规定，现将2022年汶上县商务局政府信息公开工作年度报告予以公布。", "汶上县商务局", 2022),
        ("现将汶上县统计局2021年政府信息公开工作情况报告如下：", "汶上县统计局", 2021),
        (f"按照{NOTICE}要求，编制汶上县审计局2022年政府信息公开工作年度报告。", "汶上县审计局", 2022),
        ("根据《条例》要求，汶上县财政局编制了2024年政府信息公开工作年度报告。", "汶上县财政局", 2024),
        ("根据规定，汶上县林业局制作并发布2024年度政府信息公开工作年度报告。", "汶上县林业局", 2024),
        ("按照规定，现代表汶上县人民政府向社会公布2023年政府信息公开工作年度报告。", "汶上县人民政府", 2023),
        ("现公布汶上县机构编制委员会办公室2023年政府信息公开年报。", "汶上县机构编制委员会办公室", 2023),
        ("现就2023年度我办政府信息公开工作情况作如下报告:", "", 2023),
        ("现将将乐县就业服务中心2022年政府信息公开工作年度报告公布如下：", "将乐县就业服务中心", 2022),
        ("汶上县融媒体中心2023年度政府信息公开工作年度报告现公布如下。", "汶上县融媒体中心", 2023),
        ("根据规定,汶上县体育中心对2023年政府信息公开工作进行了总结,形成本报告。", "汶上县体育中心", 2023),
        ("本报告是根据《条例》要求,从六个方面汇报我镇2023年政府信息公开工作。", "", 2023),
    ],
)  # fmt: skip
def test_an_opening_names_body_and_year(said: str, agency: str, year: int) -> None:
    assert Opening(agency, year) in list(openings(simplify(said)))


@pytest.mark.parametrize(
    "said",
    [
        "根据《汶上县人民政府办公室关于编制2022年度政府信息公开工作年度报告的通知》要求，现将有关情况说明如下。",
        "我局认真执行规定，编制并公布了2021年度政府信息公开工作年度报告。",
        "我局发现2021年度政府信息公开工作年度报告有误，已经更正。",
        "汶上县水利局2025年政府信息公开工作年度报告",
    ],
)
def test_a_report_of_which_a_text_tells_is_not_its_own(said: str) -> None:
    assert not [one for one in openings(simplify(said)) if one.agency or one.year]


def test_a_sentence_is_no_title() -> None:
    assert is_sentence("特此公布汶上县科学技术局2024年政府信息公开年报。")
    assert not is_sentence("特克斯县人民政府2024年政府信息公开工作年度报告")


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("本报告内容涵盖我局2025年1月1日至12月31日期间的情况。", [2025]),
        ("统计期限为2023年度。", [2023]),
        ("本报告的统计数据均为2023年度数据。", [2023]),
        ("公开了2022年度决算数据和2024年预算数据。", []),
        ("办法自2022年1月1日起施行,期间公开3条。", []),
        ("数据安全办法自2022年1月1日起施行。", []),
        ("数据按要求公开,公开了我局2022年度财政预算。", []),
        ("上一年项目数量(指2019年事项数)\n可参考平台栏目数据\n处理决定数量(指2020年办件量)", []),
        ("注:上一年项目数据指2019年", []),
    ],
)
def test_a_stated_period_is_no_word_of_a_table(text: str, years: list[int]) -> None:
    assert list(period(without_tables(text))) == years


@pytest.mark.parametrize(
    ("text", "opened", "years"),
    [
        ("截止2023年12月31日我局发布信息34条。", [], (2023,)),
        ("截至2025年12月底,公开74条。", [], (2025,)),
        ("2019年度街道受理申请0件。\n2019年度街道共有专职人员2名。", [], (2019,)),
        ("2022年,我局公开12条。", [2022], (2022,)),
        ("2022年,我局公开12条。", [2021], (2021, 2022)),
        ("2024年将继续公开。", [], ()),
        ("2021年,公开1条。\n2022年,公开2条。", [], ()),
    ],
)
def test_the_year_that_the_work_is_told_of(text: str, opened: list[int], years: tuple[int, ...]) -> None:
    assert year_mentioned([], text, [Opening("", year) for year in opened], [text]) == years
    assert year_mentioned(["汶上县司法局2018年政府信息公开工作年度报告"], text, [], [text]) == ()


def test_where_opening_and_period_name_different_years_neither_is_taken() -> None:
    text = "现公布汶上县水利局2021年政府信息公开年度报告。本报告所列数据的统计期限自2020年1月1日起至2020年12月31日止。"
    opened = [Opening("汶上县水利局", 2021)]
    assert period_or_opening(text, [], opened) == (2020, 2021)
    assert period_or_opening(text, ["汶上县水利局2021年政府信息公开工作年度报告"], opened) == (2020,)  # a slip, told
    assert period_or_opening("现公布汶上县水利局2021年政府信息公开年度报告。", [], opened) == ()


@pytest.mark.parametrize(
    "said",
    [
        "我局编制了2021年政府信息公开工作年度报告",
        "本机关组织编制了《2021年度政府信息公开年报》",
        "《汶上县水利局2021年政府信息公开工作年度报告》由汶上县政务服务中心编制",
        "本报告为汶上县水利局2021年政府信息公开年度报告",
    ],
)
def test_a_text_that_begins_with_who_made_the_report_names_its_year(said: str) -> None:
    assert {one.year for one in openings(said + "。")} == {2021}
    assert not [one for one in openings(f"一、总体情况\n2021年,{said.removeprefix('本报告为')}。") if one.year]


@pytest.mark.parametrize(
    ("work", "years"),
    [
        ("2021年,我局公开10条。\n2021年,收到申请2件。", (2020, 2021)),
        ("2020年,我局公开10条。\n2021年,收到申请2件。2021年,答复2件。", (2020,)),
        ("2021年,我局将公开10条。\n2021年,继续公开。", (2020,)),
        ("2021年,我局公开10条。", (2020,)),
    ],
)
def test_where_the_work_is_told_of_another_year_than_the_period_neither_is_taken(work: str, years: list[int]) -> None:
    text = "统计期限自2020年1月1日起至2020年12月31日止。"
    assert period_or_opening(text, [], [], [work]) == years
    assert period_or_opening(text, [], [Opening("", 2020)], [work]) == (2020,)


def _told(text: str) -> tuple[str | None, str | None, int | None, list[str]]:
    reading = read_plain(text.encode())
    who = identify(reading.identity)
    return who.agency, who.place, who.year, [one.zh for one in findings_of(reading, who, (), Clock().now())]


def test_of_what_is_no_report_no_year_is_inferred() -> None:
    text = "关于开展安全检查的通知\n发布时间：2023-03-01\n各单位：\n请认真开展检查。"
    reading = read_plain(text.encode())
    who = identify(reading.identity)
    assert (reading.is_report, [one.code for one in who.findings]) == (
        False,
        ["year_inferred"],
    )  # and the body, of others
    assert not findings_of(reading, who, (), Clock().now())


def test_a_report_without_a_title_is_known_by_its_opening() -> None:
    agency, place, year, _ = _told(f"根据规定，现向社会公布汶上县水利局2023年政府信息公开工作年度报告。\n{TABLE}")
    assert (agency, place, year) == ("汶上县水利局", "汶上县", 2023)


def test_a_sentence_without_its_end_is_no_title() -> None:
    said = "现公布汶上县发展和改革局2022年政府信息公开工作年度报告"
    assert _told(f"{said}\n{TABLE}")[:3] == ("汶上县发展和改革局", "汶上县", 2022)


def test_a_year_is_nobodys_name() -> None:
    said = "2019年度街道受理申请0件。\n2019年度街道共有专职人员2名。\n2019年度街道办理提案0件。"
    assert _told(f"{said}\n{TABLE}")[:3] == (None, None, 2019)


@pytest.mark.parametrize(
    ("said", "agency", "place"),
    [
        ("2020年,新葡京官网区人民政府北京街道办事处认真贯彻。\n北京街道办事处全年公开6条。", "北京街道办事处", None),
        ("2022年,我局在句容市住房和城乡建设局官网上公开文件。", "句容市住房和城乡建设局", "句容市"),
        ("本报告由两城镇人民政府编制。(地址:微山县两城镇人民政府驻地府前路1号)", "两城镇人民政府", "微山县"),
        ("依据《平武县人民政府办公室关于编制报告的通知》,县统计局积极公开3条。", "平武县统计局", "平武县"),
        ("依据《平武县人民政府办公室关于编制报告的通知》,县统计局积极公开3条。在北川县人民政府网站公开。", None, None),
        ("2023年度政府信息公开工作年度报告由汶上县人民政府办公室牵头编制。", "汶上县人民政府办公室", "汶上县"),
        ("特发布汶上县委机构编制委员会办公室2023年政府信息公开报告。", "汶上县委机构编制委员会办公室", "汶上县"),
        ("按照格式(试行),由中埠镇人民政府编制2020年政府信息公开年度报告。", "中埠镇人民政府", None),
        ("2022年,我局公开文件。(地址:微山县两城镇府前路1号)", None, None),
    ],
)  # fmt: skip
def test_a_body_is_told_with_the_place_that_is_printed(said: str, agency: str | None, place: str | None) -> None:
    assert _told(f"{said}\n{TABLE}")[:2] == (agency, place)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("现公布区统计局2023年政府信息公开工作年度报告。", "只印有“区统计局”，未说明属于何地"),
        ("2025年,区城乡建设局聚焦中心工作。", "只印有“区城乡建设局”，未说明属于何地"),
        ("2025年,我局在汶上县人民政府门户网站公开。", "正文提到“汶上县人民政府”"),
        ("2025年,我局公开文件12条。", "标题、页面信息和正文均未写明机关"),
        ("2020年,县农业农村局主动公开2条。农业农村局主动公开3条。", "只印有“县农业农村局”，未说明属于何地"),
        ("2020年,县财政局主动公开2条。县税务局积极公开3条。", "正文提到“县财政局”、“县税务局”"),
        ("2022年,我局公开1条。\n现公开我局2021年度政府信息公开工作年度报告。", "正文为2021、2022年，无法判断"),
    ],
)  # fmt: skip
def test_what_is_printed_is_not_said_to_be_missing(said: str, told: str) -> None:
    assert any(told in sentence for sentence in _told(f"{said}\n{TABLE}")[3])


@pytest.mark.parametrize(
    ("line", "is_anothers"),
    [
        ("三、行政机关收到和处理政府信息公开申请情况", False),
        ("三、汶上县教育局收到和处理政府信息公开申请情况", True),
        ("三、汶上县司法局收到和处理政府信息公开申请情况", False),
    ],
)
def test_the_heading_of_a_table_may_say_whose_it_is(line: str, is_anothers: bool) -> None:
    assert is_of_another_body([line], [complete("汶上县司法局")]) is is_anothers


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("现发布《辽宁省2019年度政府信息公开工作报告》。", "辽宁省人民政府"),
        ("12:10 AM连城县水利局2019年政府信息公开工作年度报告", "连城县水利局"),
        ("11/23/26, 12:10 AM 连城县水利局2019年政府信息公开工作年度报告", "连城县水利局"),
    ],
)
def test_a_provinces_name_and_one_behind_a_browsers_clock_are_taken(text: str, agency: str) -> None:
    said = f"{text}\n一、总体情况\n2019年,有序推进政府信息公开。\n二、主动公开政府信息情况\n无。"
    assert identify(read(said.encode()).identity).agency == agency

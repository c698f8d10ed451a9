"""Whose report it is where a text names an inner office."""

from __future__ import annotations

import pytest

from archive.identity.evidence import identify
from archive.identity.inner import without_office
from archive.parser.reader import read


@pytest.mark.parametrize(
    ("printed", "body"),
    [
        ("衢州市衢江区湖南镇政府综合督考办公室", "衢州市衢江区湖南镇"),
        ("次邱镇人民政府党建办", "次邱镇"),
        ("大云镇综合信息指挥室", "大云镇"),
        ("中都街道办党政办", "中都街道"),
        ("次邱镇便民服务中心", "次邱镇"),
        ("汶上县水利局综合科", "汶上县水利局"),
        ("汶上县水利局政务公开办公室", "汶上县水利局"),
        ("汶上县公安局交通警察大队办公室", "汶上县公安局交通警察大队"),
        ("汶上县人力资源和社会保障局社会保险科", "汶上县人力资源和社会保障局"),
        ("汶上县卫健委综合办公室", "汶上县卫健委"),
        ("汶上县经济和信息化委员会办公室", "汶上县经济和信息化委员会"),
        ("汶上县残疾人联合会办公室", "汶上县残疾人联合会"),
        ("汶上县政务服务中心业务科", "汶上县政务服务中心"),
        ("湛江海关办公室新闻信息办公室", "湛江海关"),
    ],
)
def test_the_report_of_an_inner_office_is_its_bodys(printed: str, body: str) -> None:
    assert without_office(printed) == body


@pytest.mark.parametrize(
    "body",
    [
        "汶上县人民政府办公室",
        "汶上县人民政府金融工作办公室",
        "山东省人民政府办公厅",
        "汶上县委机构编制委员会办公室",
        "汶上县老龄工作委员会办公室",
        "汶上县网络安全和信息化委员会办公室",
        "汶上县人民防空办公室",
        "汶上县公安局交通警察大队",
        "中都街道办",
        "中都街道社区卫生服务中心",
        "次邱镇中心小学",
        "次邱镇派出所",
    ],
)
def test_an_office_that_is_a_body_by_itself_stays(body: str) -> None:
    assert without_office(body) == body


@pytest.mark.parametrize(
    "named",
    [
        "特向社会公布2023年度本机关政府信息公开年度报告。如有疑问，请与汶上县次邱镇党建办联系。\n一、总体情况\n有序。",
        "2023年政府信息公开工作年度报告\n一、总体情况\n2023年，汶上县次邱镇综合督考办公室认真落实。",
        "2023年政府信息公开工作年度报告\n一、总体情况\n有序。\n汶上县次邱镇经济发展办公室\n2024年1月10日",
    ],
)
def test_wherever_a_text_names_it(named: str) -> None:
    assert identify(read(named.encode()).identity).agency == "汶上县次邱镇人民政府"


def test_of_a_governments_inner_office_it_cannot_be_told_whose_the_report_is() -> None:
    text = "现公布2023年度政府信息公开年度报告。如有疑问，请与汶上县人民政府综合督考办公室联系。\n一、总体情况\n有序。"
    assert identify(read(text.encode()).identity).agency is None

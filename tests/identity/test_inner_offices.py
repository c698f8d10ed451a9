"""Whose report it is where a text names an inner office."""

from __future__ import annotations

import pytest

from archive.identity.evidence import identify
from archive.identity.inner_offices import without_office
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
        ("浙江省水利厅政策法规处", "浙江省水利厅"),
        ("浙江省水利厅建设管理处", "浙江省水利厅"),
        ("浙江省水利厅办公室综合处", "浙江省水利厅"),
        ("济宁市发展和改革委员会综合处", "济宁市发展和改革委员会"),
        ("吉林市人民政府外事办公室综合处", "吉林市人民政府外事办公室"),
        ("汶上县水利局宣传信息中心", "汶上县水利局"),
        ("济宁市公安局指挥中心", "济宁市公安局"),
        ("大云镇人民政府综合信息指挥室(党政综合办公室)", "大云镇"),
        ("吉林市水利局综合处", "吉林市水利局"),
        ("汶上县水利局办公室综合科", "汶上县水利局"),
        ("汶上县卫生健康委员会机关党委", "汶上县卫生健康委员会"),
        ("大云镇综合信息指挥室(党政综合办公室)", "大云镇"),
        ("大连高新区党政办公室", "大连高新区"),
        ("海关总署办公厅政务公开处", "海关总署"),
        ("海关总署办公厅", "海关总署"),
        ("国家税务总局办公厅", "国家税务总局"),
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
        "国务院办公厅",
        "济宁市委办公厅",
        "国务院侨务办公室",
        "汶上县委机构编制委员会办公室",
        "汶上县老龄工作委员会办公室",
        "汶上县网络安全和信息化委员会办公室",
        "汶上县人民防空办公室",
        "汶上县公安局交通警察大队",
        "汶上县水利局河道管理处",
        "汶上县水利局水土保持中心",
        "汶上县档案局(馆)",
        "中都街道办",
        "中都街道社区卫生服务中心",
        "次邱镇中心小学",
        "次邱镇派出所",
        "济宁市公路管理处",
        "济宁市城市管理局园林绿化管理处",
        "汶上县融媒体中心",
        "汶上县行政审批服务局政务服务中心",
        "汶上县水利局(河长制办公室)",
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


@pytest.mark.parametrize("office", ["综合信息指挥室（党政综合办公室）", "党政综合办公室", ""])
def test_who_is_charged_with_compiling_it(office: str) -> None:
    text = (
        f"根据《中华人民共和国政府信息公开条例》要求，由汶上县次邱镇人民政府{office}负责编制本报告。"
        "本报告所列数据统计期限为2024年1月1日至12月31日。\n一、总体情况\n2024年，收到申请1件。"
    )
    assert identify(read(text.encode()).identity).agency == "汶上县次邱镇人民政府"

"""Titles broken over several lines, as the first lines of a document print them."""

from __future__ import annotations

import pytest

from archive.documents.pages import Pages, Paragraph
from archive.identity.evidence import identify
from archive.parser.reader import read_pages_to_reading


@pytest.mark.parametrize(
    ("lines", "agency", "year"),
    [
        (("山东省汶上县", "南旺镇人民政府", "2023年度政府信息公开年度报告"), "山东省汶上县南旺镇人民政府", 2023),
        (("汶上县", "南旺镇2023年政府信息公开工作年度报告"), "汶上县南旺镇人民政府", 2023),
        (("汶上县", "汶上县财政局2023年政府信息公开工作年度报告"), "汶上县财政局", 2023),
        (("2023年度", "汶上县民政局", "政府信息公开", "工作年度报告"), "汶上县民政局", 2023),
        (("政府信息公开工作年度报告", "（2023年度）", "汶上县民政局"), "汶上县民政局", 2023),
        (("汶上县民政局政府信息公开", "2023年度工作报告"), "汶上县民政局", 2023),
    ],
)
def test_a_title_on_several_lines(lines: tuple[str, ...], agency: str, year: int) -> None:
    text = (*lines, "一、总体情况", "我单位认真落实各项要求。", "二、主动公开政府信息情况", "无。")
    reading = read_pages_to_reading(Pages(kind="html", blocks=tuple(Paragraph(text=one) for one in text)), "0" * 64)
    found = identify(reading.identity)
    assert reading.is_report
    assert (found.agency, found.place, found.year) == (agency, "汶上县", year)

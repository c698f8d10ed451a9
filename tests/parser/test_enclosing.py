"""A letter that sends a report elsewhere is none itself; what publishes it is another matter."""

from __future__ import annotations

import pytest

from archive.parser.reader import read

REPORT = "测试县司法局2023年政府信息公开工作年度报告"
LETTER = "测试县司法局关于报送2023年政府信息公开工作年度报告的函"
SENT = ("县政府办公室：", "现将我局2023年政府信息公开工作年度报告随函报送，请审阅。")


def read_lines(*lines: str) -> tuple[bool, str]:
    reading = read("\n".join(lines).encode())
    return reading.is_report, reading.reason


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((LETTER, *SENT, f"附件：{REPORT}"), "letter"),
        ((LETTER[:17], LETTER[17:], *SENT, "附件：", f"1.{REPORT}", "测试县司法局"), "letter"),
        (("测试县司法局关于呈报2023年政府信息公开工作年度报告的请示", "县政府：", f"附：{REPORT}"), "notice"),
        ((*SENT, f"附件1：{REPORT}", "（联系人：张某，电话：1234567）"), "letter"),
    ],
)
def test_a_letter_that_names_a_report_among_what_it_encloses_is_none(lines: tuple[str, ...], reason: str) -> None:
    assert read_lines(*lines) == (False, reason)


@pytest.mark.parametrize(
    "lines",
    [
        (REPORT, "现将我局2023年政府信息公开工作情况报告如下，请审阅。", "附件：2023年统计表"),
        (REPORT, "2023年，我局主动公开政府信息12条。", f"附件：{REPORT}"),
        ("测试县司法局关于公布2023年政府信息公开工作年度报告的公告", "现予公布。", f"附件：{REPORT}"),
        (LETTER, *SENT, f"附件：{REPORT}", "一、总体情况", "我局公开信息12条。"),
    ],
)
def test_a_report_with_an_enclosure_and_what_publishes_one_stay(lines: tuple[str, ...]) -> None:
    assert read_lines(*lines) == (True, "")

"""The reporting year is printed; dates are none."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from archive.identity.text import squeeze
from archive.identity.years import could_exist, mark_years, parse_date
from storage.records import SHANGHAI


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("汶上县2022年度政府信息公开工作年度报告", (2022,)),
        ("2023 年政府信息公开", (2023,)),
        ("二〇二二年", (2022,)),
        ("二○二○年度", (2020,)),
        ("二零一九年", (2019,)),
        ("2024-01-29汶上县2023年报告", (2023,)),
        ("汶上县2023年报告（二〇二四年一月）", (2023,)),
        ("汶上县二〇二三年报告（二〇二四年一月二十九日）", (2023,)),
        ("二〇二三年一月一日至十二月三十一日报告", (2023,)),
        ("川发改函〔2021〕6号2020年报告", (2020,)),
        ("2008-2010年", (2008, 2010)),
        ("汶上县司法局24年政府信息公开工作年度报告", (2024,)),
        ("汶上县司法局 24 年度政务公开工作报告", (2024,)),
        ("第24年政府信息公开工作年度报告", ()),
        ("成立24年", ()),
        ("20230118", ()),
        ("1998年", ()),
        ("2022年12月31日", ()),
    ],
)
def test_years(text: str, years: tuple[int, ...]) -> None:
    assert mark_years(squeeze(text)).years == years


def test_a_range_is_a_range() -> None:
    assert mark_years("2008-2010年").span
    assert not mark_years("2022年").span


def test_a_report_cannot_exist_before_its_year_is_over() -> None:
    new_year = datetime(2025, 1, 1, tzinfo=SHANGHAI)
    assert could_exist(2024, new_year)
    assert not could_exist(2024, new_year - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-01-29", date(2024, 1, 29)),
        ("[2024年1月9日]", date(2024, 1, 9)),
        ("2024/1/9 08:00", date(2024, 1, 9)),
        ("２０２４－０１－２９", date(2024, 1, 29)),
        ("20240129", date(2024, 1, 29)),
        ("二〇二四年一月二十九日", date(2024, 1, 29)),
        ("二○二三 年 12 月十日", date(2023, 12, 10)),
        ("二〇二四年十三月一日", None),
        ("2024-13-45", None),
        ("01-29", None),
        ("", None),
        (None, None),
    ],
)
def test_listed_dates(text: str | None, day: date | None) -> None:
    assert parse_date(text) == day

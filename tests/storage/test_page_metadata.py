"""The national metadata in all its shapes."""

from __future__ import annotations

from datetime import datetime

import pytest

from storage.page_metadata import built_not_published, published, stamp, tags, tags_in
from storage.records import SHANGHAI


@pytest.mark.parametrize(
    "markup",
    [
        '<meta name="ArticleTitle" content="甲县报告">',
        '<META NAME="articletitle" CONTENT="甲县报告" />',
        "<meta content='甲县报告' name='ArticleTitle'>",
        '<meta name="ArticleTitle"content="甲县报告">',
        '<meta  name = "articleTitle"  content = "甲县报告" >',
        '<meta name=ArticleTitle content=甲县报告>',
        '<meta property="ArticleTitle" content="&#30002;县报告">',
        '<meta name="ArticleTitle" content=""><meta name="ArticleTitle" content="甲县报告">',
    ],
)  # fmt: skip
def test_names_and_values_however_they_are_written(markup: str) -> None:
    assert tags_in(f"<head>{markup}</head>") == {"articletitle": "甲县报告"}


def test_markup_and_blanks_in_a_value_are_taken_out() -> None:
    assert tags([("ArticleTitle", '<h1 style="x">甲县\n <b>报告</b></h1>'), ("x" * 61, "y"), (None, "z")]) == {
        "articletitle": "甲县 报告"
    }


@pytest.mark.parametrize(
    ("text", "at", "day_only"),
    [
        ("2026-08-28 16:28", (2026, 8, 28, 16, 28), False),
        ("2024-07-05 14:01:14", (2024, 7, 5, 14, 1, 14), False),
        ("2018-04-19", (2018, 4, 19), True),
        ("2023-11-30  14:52", (2023, 11, 30, 14, 52), False),
        ("2023-08-19 10∶08", (2023, 8, 19, 10, 8), False),
        ("2020年08月02日", (2020, 8, 2), True),
        ("2024年12月07日 08时01分", (2024, 12, 7, 8, 1), False),
        ("2026-01-20T09:08:07", (2026, 1, 20, 9, 8, 7), False),
        ("20240605104300", (2024, 6, 5, 10, 43), False),
        ("2022/9/1", (2022, 9, 1), True),
    ],
)
def test_dates(text: str, at: tuple[int, ...], day_only: bool) -> None:
    found = stamp(text)
    assert found is not None
    assert (found.at, found.day_only) == (datetime(*at, tzinfo=SHANGHAI), day_only)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    "text", ["", "暂无", "2024-13-01", "2019-10-08 25:00", "2024-1-321", "12-01-2024", "²024-01-01"]
)
def test_what_is_no_date(text: str) -> None:
    assert stamp(text) is None


def test_a_time_of_building_is_none_of_publication() -> None:
    built = {"pubdate": "2024-04-15 14:53:51", "others": "页面生成时间 2024-04-15 14:53:51"}
    other = built | {"pubdate": "2023-07-19 19:21"}
    day = {"pubdate": "2024-04-15", "others": "页面生成时间 2024-04-15 00:00:00"}  # a day is no copy of an instant
    assert [built_not_published(one) for one in (built, other, day)] == [True, False, False]
    assert [published(one) for one in (built, other)] == [None, stamp("2023-07-19 19:21")]
    assert published({"pubdate": "2024-06-17 12:00:00", "htmlgeneratetime": "2024-06-17 12:00:00"}) is None

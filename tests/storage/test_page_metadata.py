"""The national metadata in all its shapes."""

from __future__ import annotations

from datetime import datetime

import pytest

from storage.page_metadata import built_not_published, meta_values, meta_values_in, published, stamp
from storage.records import SHANGHAI
from tests.case_tables import read_cases


@pytest.mark.parametrize("markup", read_cases(__file__, "markup"))
def test_names_and_values_however_they_are_written(markup: str) -> None:
    assert meta_values_in(f"<head>{markup}</head>") == {"articletitle": "甲县报告"}


def test_markup_and_blanks_in_a_value_are_taken_out() -> None:
    assert meta_values([("ArticleTitle", '<h1 style="x">甲县\n <b>报告</b></h1>'), ("x" * 61, "y"), (None, "z")]) == {
        "articletitle": "甲县 报告"
    }


@pytest.mark.parametrize(("text", "at", "day_only"), read_cases(__file__, "dates"))
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

"""Portals by name from the project's directory."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from crawler.errors import CrawlError
from crawler.onboarding.directory import directory, is_place, place


def test_every_row_is_a_place_with_a_home_page() -> None:
    assert len(directory()) > 3_000
    for row in directory():
        assert row.code == "" or (len(row.code) == 6 and row.code.isdigit()), row
        assert urlsplit(row.home).scheme in {"http", "https"}, row
        assert urlsplit(row.home).hostname, row
        assert row.level in {"province", "prefecture", "county"}, row


NAMES = ("汶上县", "370830", "山东省济宁市汶上县", "汶上", "济宁市汶上县", "汶上县人民政府", " 汶上县 ")


def test_a_place_has_many_names() -> None:
    assert {(place(name).code, place(name).home) for name in NAMES} == {("370830", "http://www.wenshang.gov.cn/")}
    assert [is_place(text) for text in (*NAMES, "3708", "http://www.wenshang.gov.cn/", "www.wenshang.gov.cn")] == [
        *[True] * len(NAMES), False, False, False,
    ]  # fmt: skip


def test_a_name_of_several_places_or_of_none_is_answered_with_the_nearest() -> None:
    with pytest.raises(CrawlError) as several:
        place("朝阳区")
    assert several.value.values["names"] == "北京市朝阳区 (110105), 吉林省长春市朝阳区 (220104)"
    assert place("长春市朝阳区").code == "220104"
    with pytest.raises(CrawlError) as unknown:
        place("汶上具")
    assert "汶上县" in str(unknown.value.values["near"])

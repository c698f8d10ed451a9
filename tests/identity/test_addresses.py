"""What an address says by itself: the cases of ``cases/addresses.toml``."""

from __future__ import annotations

from typing import Any

import pytest
from identity_making import cases, check

from archive.identity.addresses import as_path, host_allowed, official_host, read, route_of, same_address
from crawler.addresses import resolve


@pytest.mark.parametrize("case", cases("addresses.toml"))
def test_what_an_address_says(case: dict[str, Any]) -> None:
    url, found = case["url"], read(case["url"])
    told = {
        "year": found.report_year,
        "code": found.code,
        "detail": found.detail,
        "folder": found.folder_year,
        "early": found.early_year,
        "route": route_of(url),
    }
    check(told, case)
    assert same_address(url) == (url if route_of(url) else url.partition("#")[0])


def test_official_hosts() -> None:
    assert official_host("www.wenshang.gov.cn")
    assert official_host("122.137.242.24")
    for host in ("gov.cn.evil.com", "wenshanggov.cn", "m.soulrig.com", "evilgov.cn"):
        assert not official_host(host), host
    for host, allowed in (("sf.ly.gov.cn", ".ly.gov.cn"), ("ly.gov.cn", ".ly.gov.cn"), ("x.test", "x.test:8080")):
        assert host_allowed(host, (allowed,))
    assert not host_allowed("fly.gov.cn", (".ly.gov.cn",))


@pytest.mark.parametrize(
    "url", [None, "", "not a url", "http://[::1", "javascript:void(0)", "http://x:99999999/", "//" * 5000]
)
def test_broken_addresses_say_nothing_wrong(url: str | None) -> None:
    found = read(url)
    assert found.report_year is None
    assert found.official in (None, False)


def test_reports_behind_two_routes_are_two_pages_and_documents() -> None:
    home = "http://www.hhsp.gov.cn"
    one, other = (resolve(f"{home}/#/list?channelId=1024", f"#/detail?id={number}") for number in (809900, 812523))
    assert (one, other) == (f"{home}/#/detail?id=809900", f"{home}/#/detail?id=812523")
    assert same_address(one) != same_address(other)
    assert as_path(one) == f"{home}/detail?id=809900"
    assert read(f"{home}/#/nb/list").reports

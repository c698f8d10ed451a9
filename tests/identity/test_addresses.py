"""What an address says by itself."""

from __future__ import annotations

import pytest

from archive.identity.addresses import as_path, host_allowed, official_host, read, route_of, same_address
from crawler.addresses import resolve

HOST = "http://www.hhsp.gov.cn"


def test_an_address_by_agency_and_year_names_the_reporting_year() -> None:
    found = read("http://www.wenshang.gov.cn/module/xxgk/xxgkAnnualReport.jsp?area=11370830004335465W&fbtime=2025")
    assert (found.report_year, found.code, found.addressed, found.detail) == (2025, "11370830004335465W", True, True)
    assert read("https://cangyuan.gov.cn/zfxxgk_cyx_nlx/zfxxgknb.html?nbYear=2022").report_year == 2022
    assert (
        read("http://www.pingwu.gov.cn/public/column/13071?type=3&timeFrame=2023&hasContent=true").report_year == 2023
    )


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("http://tjj.linfen.gov.cn/zfxxgk/xxgknb/202401/t20240129_310451.html", True),
        ("http://jiyuan.gov.cn/zwgk/zfxxgk/zfxxgknb/t657193.html", True),
        ("https://www.linping.gov.cn/art/2023/1/29/art_1229709868_72616.html", True),
        ("http://hedong.gov.cn/info/2927/130764.htm", True),
        ("http://a.gov.cn/x/report.pdf", True),
        ("https://ws.cq.gov.cn/jz/wsgbz/zwgk_70039/zfxxgknb_70056/", False),
        ("https://www.yk.gov.cn/col/col1229164404/index.html", False),
        ("https://a.gov.cn/xxgk/index_2.html", False),
        ("http://www.lsz.gov.cn/xxgk-xxgknb", None),
        ("http://x.gov.cn/gk/Class.asp?id=392021", False),
        ("http://x.gov.cn/gk/Show.asp?id=392021", True),
        ("http://nmj.xam.gov.cn/xamagri/1023713/4014696/index.html", None),
        ("http://x.gov.cn/zfxxgk/xxgknb/2024/index.html", False),
    ],
)
def test_pages_and_folders(url: str, detail: bool | None) -> None:
    assert read(url).detail is detail


def test_dates_and_year_folders_in_the_path() -> None:
    found = read("https://www.gongxian.gov.cn/xxgk/xxgknb_14128/2020ndgb/xjbm/202107/t20210715_1487582.html")
    assert (found.folder_year, found.early_year, found.reports) == (2020, None, True)
    assert read("http://x.gov.cn/a/2024/1/29/1.html").early_year == 2023
    assert read("http://x.gov.cn/a/2024/13/45/1.html").early_year is None


def test_official_hosts() -> None:
    assert official_host("www.wenshang.gov.cn")
    assert official_host("122.137.242.24")
    for host in ("gov.cn.evil.com", "wenshanggov.cn", "m.soulrig.com", "evilgov.cn"):
        assert not official_host(host), host
    assert host_allowed("sf.ly.gov.cn", (".ly.gov.cn",))
    assert host_allowed("ly.gov.cn", (".ly.gov.cn",))
    assert not host_allowed("fly.gov.cn", (".ly.gov.cn",))
    assert host_allowed("x.test", ("x.test:8080",))


@pytest.mark.parametrize(
    "url", [None, "", "not a url", "http://[::1", "javascript:void(0)", "http://x:99999999/", "//" * 5000]
)
def test_broken_addresses_say_nothing_wrong(url: str | None) -> None:
    found = read(url)
    assert found.report_year is None
    assert found.official in (None, False)


def test_the_home_page_with_an_id_may_be_a_document() -> None:
    unclear, folder = "http://www.wanping.gov.cn/?p=345", "http://www.wanping.gov.cn/?lang=zh"
    assert (read(unclear).detail, read(folder).detail) == (None, False)


# Sites of one script tell their pages apart by what stands behind ``#/``: each is a page of its own.


@pytest.mark.parametrize(
    ("url", "route"),
    [
        (f"{HOST}/#/detail?id=812523", "#/detail?id=812523"),
        (f"{HOST}/xxgk/index.html#!/nb/2024", "#!/nb/2024"),
        (f"{HOST}/nb.html#t1", ""),
        (f"{HOST}/nb.html#", ""),
        (f"{HOST}/a/#/b#/c", ""),
        (f"{HOST}/hlxb/gkmlpt/annualreport#2103", ""),
    ],
)
def test_a_route_is_no_mere_place_of_a_page(url: str, route: str) -> None:
    assert route_of(url) == route
    assert same_address(url) == (url if route else url.partition("#")[0])


def test_reports_behind_two_routes_are_two_pages_and_documents() -> None:
    one, other = (resolve(f"{HOST}/#/list?channelId=1024", f"#/detail?id={number}") for number in (809900, 812523))
    assert (one, other) == (f"{HOST}/#/detail?id=809900", f"{HOST}/#/detail?id=812523")
    assert same_address(one) != same_address(other)
    assert as_path(one) == f"{HOST}/detail?id=809900"
    assert read(one).detail
    assert read(f"{HOST}/#/nb/list").reports

"""Sites of one script tell their pages apart by what stands behind ``#/``: each is a page of its own."""

from __future__ import annotations

import pytest

from archive.identity import addresses
from archive.identity.addresses import as_path, route_of, same_address
from crawler.addresses import resolve

HOST = "http://www.hhsp.gov.cn"


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
    assert addresses.read(one).detail
    assert addresses.read(f"{HOST}/#/nb/list").reports

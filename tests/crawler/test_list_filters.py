"""Choices of a list that was read whole are no lists of their own; those of one that was not are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.identity.leads import lead_of
from crawler.list_filters import narrows
from crawler.looks import OpenLook
from storage.records import Lead, Link, Listing, ListingForm, LookOutcome, Portal

AT = "http://www.wanping.gov.cn/nb/list.html"
NOW = datetime(2026, 2, 1, tzinfo=UTC)
PORTAL = Portal(
    name="a", place="宛平县", division=None, hosts=("www.wanping.gov.cn",), family="generic", recorded_at=NOW
)
ALL = (2025, 2024, 2023)
BODIES = ("民政局", "司法局")


class Judging:
    """What a session knows of links."""

    def lead_of(self, link: Link, listing: Listing) -> Lead:
        return lead_of(link, listing, PORTAL, ())


def look(
    url: str = AT, years: tuple[int, ...] = ALL, bodies: tuple[str, ...] = BODIES, total: int | None = None
) -> OpenLook:
    listing = Listing(
        id="a:nb", portal="a", url=url, form=ListingForm.COLUMN, column="政府信息公开年报", recorded_at=NOW
    )
    made = OpenLook(listing, NOW)
    for year in years:
        for body in bodies:
            at = f"http://www.wanping.gov.cn/view/{year}{len(made.links):03}.html"
            made.links[at] = Link(url=at, text=f"宛平县{body}{year}年政府信息公开工作年度报告")
    made.total = len(made.links) if total is None else total
    return made


@pytest.mark.parametrize(
    ("made", "choice", "expected"),
    [
        (look(), f"{AT}?unit=u1&year=", True),
        (look(), f"{AT}?unit=&year=2024&page=1", True),
        (look(f"{AT}?unit="), f"{AT}?unit=u1", True),
        (look(f"{AT}?year=2025"), f"{AT}?year=2024", False),  # of another year
        (look(f"{AT}?kind=1"), f"{AT}?year=2024", False),
        (look(), f"{AT}?page=", False),
        (look(), "http://www.wanping.gov.cn/nb/bm.html?year=2024", False),
        (look(years=(2025,)), f"{AT}?year=2024", False),  # it may be held to that year
        (look(bodies=BODIES[:1]), f"{AT}?unit=u2", False),
        (look(total=9), f"{AT}?unit=u1", False),  # it has more
    ],
)
def test_a_choice_narrows_a_list_that_was_read_whole(made: OpenLook, choice: str, expected: bool) -> None:
    assert narrows(made, Judging(), Link(url=choice, text="民政局")) is expected
    made.ends(LookOutcome.PARTIAL, "pages_turned_by_script")
    assert not narrows(made, Judging(), Link(url=choice, text="民政局"))

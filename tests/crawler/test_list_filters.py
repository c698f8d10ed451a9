"""Choices of a list that was read whole are no lists of their own; those of one that was not are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.identity.classification import lead_of
from crawler.looks.look_builder import LookBuilder
from crawler.looks.narrowed_lists import narrows
from storage.records import Lead, Link, Listing, ListingForm, LookOutcome, Portal

AT = "http://www.wanping.gov.cn/nb/list.html"
NOW = datetime(2026, 2, 1, tzinfo=UTC)
PORTAL = Portal(
    name="a", place="宛平县", division=None, hosts=("www.wanping.gov.cn",), family="generic", recorded_at=NOW
)
ALL = (2025, 2024, 2023)
BODIES = ("民政局", "司法局", "城关镇人民政府")


def leads_of(made: LookBuilder) -> list[Lead]:
    return [lead_of(link, made.listing, PORTAL, ()) for link in made.links.values()]


def look(
    url: str = AT, years: tuple[int, ...] = ALL, bodies: tuple[str, ...] = BODIES, total: int | None = None
) -> LookBuilder:
    listing = Listing(
        id="a:nb", portal="a", url=url, form=ListingForm.COLUMN, column="政府信息公开年报", recorded_at=NOW
    )
    made = LookBuilder(listing, NOW)
    for year in years:
        for body in bodies:
            at = f"http://www.wanping.gov.cn/view/{year}{len(made.links):03}.html"
            made.links[at] = Link(url=at, text=f"宛平县{body}{year}年政府信息公开工作年度报告")
    made.total = len(made.links) if total is None else total
    return made


@pytest.mark.parametrize(
    ("made", "choice", "label", "expected"),
    [
        (look(), f"{AT}?unit=u1&year=", "民政局", True),
        (look(), f"{AT}?unit=&year=2024&page=1", "2024年", True),
        (look(f"{AT}?unit="), f"{AT}?unit=u1", "民政局", True),
        (look(bodies=("民政局", "司法局", "财政局")), f"{AT}?type=2", "县直部门", True),
        (look(), f"{AT}?type=2", "县直部门", False),  # two of them: perhaps those of one column alone
        (look(), f"{AT}?type=3", "乡镇", False),
        (look(), f"{AT}?unit=u9", "审计局", False),  # of whom there is none
        (look(), f"{AT}?year=2020", "2020年", False),
        (look(), f"{AT}?all=1", "历年年报", False),
        (look(f"{AT}?year=2025"), f"{AT}?year=2024", "2024年", False),  # of another year
        (look(f"{AT}?kind=1"), f"{AT}?year=2024", "2024年", False),
        (look(), f"{AT}?page=", "民政局", False),
        (look(), "http://www.wanping.gov.cn/nb/bm.html?year=2024", "2024年", False),
        (look(years=(2025,)), f"{AT}?year=2025", "2025年", False),  # it may be held to that year
        (look(bodies=BODIES[:1]), f"{AT}?unit=u1", "民政局", False),
        (look(total=10), f"{AT}?unit=u1", "民政局", False),  # it has more
    ],
)
def test_a_choice_narrows_a_list_that_was_read_whole(
    made: LookBuilder, choice: str, label: str, expected: bool
) -> None:
    assert narrows(made, Link(url=choice, text=label), leads_of(made)) is expected
    made.set_outcome(LookOutcome.PARTIAL, "pages_turned_by_script")
    assert not narrows(made, Link(url=choice, text=label), leads_of(made))
    assert not narrows(made, Link(url=f"{AT}?{'a&' * 300}", text=label), leads_of(made))

"""A county on each content system, crawled over loopback: all is found, and what goes wrong is told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from loopback_web import Sandbox

from crawler.operations.relook import relook
from imitation.portals.gkmlpt import category
from imitation.portals.lonsun import address_of
from imitation.records import ImReport
from imitation.server import ImitationPortals
from storage.records import CaptureRole, Look, LookOutcome
from tests.lists.played_portals import FIRST, HOST, THEN, column, scenario
from tests.played import nianbao

NB = column("nb", "/open/nb/")
CZJ, JYJ = column("czj", "/czj/gkmlpt/annualreport"), column("jyj", "/jyj/gkmlpt/annualreport")
LIST = column("nb", "/public/column/6596221")
SYSTEMS = {
    # the imitation: the class, the columns of the imitation, and the path of each as a portal's file says it
    "unknown": ("generic.Generic", {NB: NB.path}),
    "gkmlpt": ("gkmlpt.Gkmlpt", {CZJ: CZJ.path, JYJ: f"/jyj/gkmlpt/index#{category(JYJ)}"}),
    "lonsun": ("lonsun.Lonsun", {LIST: address_of(LIST)}),
}
SECOND_PAGES = {"unknown": "/open/nb/list-2.do"}  # of lists that are read by links


def look_on(day: datetime, archive: Sandbox, portals: ImitationPortals, patch: pytest.MonkeyPatch) -> list[Look]:
    """Crawl on a day; return the looks of this crawl."""
    portals.set_now(day)
    patch.setenv("NIANBAO_NOW", day.isoformat())
    before = {look.id for look in archive.looks()}
    archive.crawl()
    return [look for look in archive.looks() if look.id not in before]


def shown(portals: ImitationPortals, day: datetime, *keys: str, reports: bool = False) -> set[str]:
    """Addresses of what some columns show on a day: all entries, or only the reports."""
    site, truth = portals.site("wanping"), portals.scenario.portals[0]
    entries = (entry for key in keys for entry in truth.in_column(key, day))
    return {site.url(entry) for entry in entries if isinstance(entry, ImReport) or not reports}


@pytest.mark.parametrize("family", SYSTEMS)
def test_a_county_is_read_in_each_crawl_and_what_fails_is_told(
    archive: Sandbox, monkeypatch: pytest.MonkeyPatch, family: str
) -> None:
    base, paths = SYSTEMS[family]
    keys, made = [one.key for one in paths], scenario(family, *paths)
    listings = (
        f'column("{one.key}", "http://{HOST}{path}", title="政府信息公开年报", covers="department"),'
        for one, path in paths.items()
    )
    agencies = "".join(f"{one.id},{one.name},部门,{one.code}\n" for one in made.portals[0].agencies)
    archive.portal(family=base, listings="".join(listings), agencies=agencies)
    with ImitationPortals(archive.path, made) as portals:
        archive.map(HOST, to=portals.address)
        for day in (FIRST, THEN):  # the second day brings a report
            looks = look_on(day, archive, portals, monkeypatch)
            assert {(look.outcome, look.reason) for look in looks} == {(LookOutcome.OK, "")}
            assert [{*archive.links(look)} for look in looks] == [shown(portals, day, key) for key in keys]
            visited = {one.requested for one in archive.captures() if one.role is CaptureRole.REPORT}
            assert visited == shown(portals, day, *keys, reports=True)
        with archive.home() as home:
            assert relook(home, "wanping") == 0  # the same engine doubts nothing
        new = shown(portals, THEN, *keys, reports=True) - shown(portals, FIRST, *keys, reports=True)
        assert len(new) == 1
        assert [one.outcome for one in archive.captures() if one.role is CaptureRole.ATTACHMENT] == ["page"]
        if family in SECOND_PAGES:
            portals.add_fault(HOST, kind="not_found", path=SECOND_PAGES[family])
            (look,) = look_on(THEN + timedelta(hours=1), archive, portals, monkeypatch)
            assert look.outcome is LookOutcome.PARTIAL


def test_a_crawl_that_shows_few_agencies_says_that_lists_are_lacking(archive: Sandbox) -> None:
    """As at 华容县, whose frame with 77 reports was not understood beside a whole list of its government's four."""
    made = scenario("unknown", NB, agencies=("财政局",), attached=None)
    listing = f'column("nb", "http://{HOST}{NB.path}", title="政府信息公开年报", covers="department"),'
    archive.portal(family="generic.Generic", listings=listing, agencies="d0,宛平县财政局,部门,1130\n")
    with ImitationPortals(archive.path, made) as portals:
        archive.map(HOST, to=portals.address)
        done = nianbao("crawl", "wanping", archive=archive.path, now=THEN.isoformat())
    assert done.code == 1
    assert "reports of 1 registered agency; 5 or more are usual (a county usually has 20 or more)" in done.out
    assert "Lists are probably lacking: nianbao portal check wanping" in done.out
    assert "needs attention" in done.out

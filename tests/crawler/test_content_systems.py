"""A county on each content system, crawled over loopback: all is found, and what goes wrong is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from county import FIRST, HOST, THEN, column, scenario
from loopback_web import Archive

from imitation.portals.gkmlpt import category
from imitation.portals.lonsun import address_of
from imitation.records import ImitatedList, ImReport, Scenario
from imitation.server import ImitationPortals
from storage.records import CaptureOutcome, CaptureRole, Look, LookOutcome

PATH, SECOND = "/open/nb/", "/open/nb/list-2.do"  # of a column, and of its second page
CZJ, JYJ = column("czj", "/czj/gkmlpt/annualreport"), column("jyj", "/jyj/gkmlpt/annualreport")
LIST = column("nb", "/public/column/6596221")
BY_INTERFACE = {
    # the imitation: the class, the columns of the imitation, and the path of each as a portal's file says it
    "gkmlpt": ("gkmlpt.Gkmlpt", {CZJ: CZJ.path, JYJ: f"/jyj/gkmlpt/index#{category(JYJ)}"}),
    "lonsun": ("lonsun.Lonsun", {LIST: address_of(LIST)}),
}


def write_portal(archive: Archive, made: Scenario, family: str, paths: Mapping[ImitatedList, str]) -> None:
    """Write the file of a portal that declares these columns."""
    listings = (
        f'column("{one.key}", "http://{HOST}{path}", title="政府信息公开年报", covers="department"),'
        for one, path in paths.items()
    )
    agencies = "".join(f"{one.id},{one.name},部门,{one.code}\n" for one in made.portals[0].agencies)
    archive.portal(family=family, listings="".join(listings), agencies=agencies)


def look_on(day: datetime, archive: Archive, portals: ImitationPortals, patch: pytest.MonkeyPatch) -> list[Look]:
    """Crawl on a day; return the looks of this crawl."""
    archive.map(HOST, to=portals.address)
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


def fetched(archive: Archive, role: CaptureRole = CaptureRole.REPORT) -> set[str]:
    return {one.requested for one in archive.captures() if one.role is role}


def test_a_list_of_pages_is_read_and_what_fails_is_told(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    nb = column("nb", PATH)
    made = scenario("unknown", nb)
    with ImitationPortals(archive.path, made) as portals:
        write_portal(archive, made, "generic.Generic", {nb: PATH})
        (look,) = look_on(FIRST, archive, portals, monkeypatch)
        assert (look.outcome, look.reason) == (LookOutcome.OK, "")
        assert {*archive.links(look)} == shown(portals, FIRST, "nb")
        assert fetched(archive) >= shown(portals, FIRST, "nb", reports=True)
        files = [one for one in archive.captures() if one.role is CaptureRole.ATTACHMENT]
        assert {one.outcome for one in files} == {CaptureOutcome.PAGE}
        fault = portals.add_fault(HOST, kind="not_found", path=SECOND)
        (look,) = look_on(FIRST + timedelta(hours=1), archive, portals, monkeypatch)
        assert look.outcome is LookOutcome.PARTIAL
        portals.remove_fault(fault)
        (look,) = look_on(THEN, archive, portals, monkeypatch)
        assert look.outcome is LookOutcome.OK
        assert {*archive.links(look)} == shown(portals, THEN, "nb")
        new = shown(portals, THEN, "nb", reports=True) - shown(portals, FIRST, "nb", reports=True)
        assert len(new) == 1
        assert new <= fetched(archive)


@pytest.mark.parametrize("family", BY_INTERFACE)
def test_a_list_behind_an_interface_is_read_in_each_crawl(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, family: str
) -> None:
    base, paths = BY_INTERFACE[family]
    keys, made = [one.key for one in paths], scenario(family, *paths)
    with ImitationPortals(archive.path, made) as portals:
        write_portal(archive, made, base, paths)
        for day in (FIRST, THEN):  # the second day brings a report
            looks = look_on(day, archive, portals, monkeypatch)
            assert {look.outcome for look in looks} == {LookOutcome.OK}
            assert [{*archive.links(look)} for look in looks] == [shown(portals, day, key) for key in keys]
            assert fetched(archive) == shown(portals, day, *keys, reports=True)
        new = shown(portals, THEN, *keys, reports=True) - shown(portals, FIRST, *keys, reports=True)
        assert len(new) == 1
        assert len(fetched(archive, CaptureRole.ATTACHMENT)) == 1

"""Portal files: found, validated, registered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from loopback_web import Archive

from crawler import portals
from crawler.errors import PortalError, UnknownPortal
from nianbao.rulings import decided, rule_on
from nianbao.sentences import notes_sentence
from storage.registry import Registry
from tests.case_tables import read_cases

NOW = datetime(2026, 2, 1, tzinfo=UTC)


def test_an_operators_portal_is_found_beside_ours(archive: Archive) -> None:
    archive.portal()
    assert {"wanping", "wenshang", "luoyang"} <= set(portals.classes(archive.path))
    assert "wanping" not in portals.classes()
    with pytest.raises(UnknownPortal, match="wenshang"):
        portals.find("wenshan", archive.path)


@pytest.mark.parametrize(("extra", "said"), read_cases(__file__, "attributes"))
def test_attributes_are_checked_by_type_and_sense(archive: Archive, extra: str, said: str) -> None:
    archive.portal(extra=extra)
    assert said in notes_sentence(portals.check("wanping", NOW, archive.path).errors)


@pytest.mark.parametrize(("text", "error"), [("class (", "SyntaxError"), ("raise SystemExit(0)", "SystemExit")])
def test_a_file_that_does_not_load_is_named_and_the_others_go_on(archive: Archive, text: str, error: str) -> None:
    archive.portal()
    (archive.path / "portals" / "xx" / "torn.py").write_text(text)
    assert "wanping" in portals.classes(archive.path)
    assert f"torn.py cannot be loaded: {error}" in str(portals.broken(archive.path)["torn"])
    with pytest.raises(PortalError, match=rf"torn\.py cannot be loaded: {error}"):
        portals.find("torn", archive.path)


def test_the_portals_of_the_project_are_sound_and_say_what_is_unverified() -> None:
    for name in portals.classes():
        found = portals.check(name, NOW)
        assert (found.errors, bool(found.unverified)) == ((), True), name


def test_a_column_ruled_to_have_ended_stays_so_until_the_file_gives_it_another_address(archive: Archive) -> None:
    from dataclasses import replace

    archive.portal()
    portal = portals.find("wanping", archive.path)
    spider, later = portal(name="wanping"), datetime(2026, 3, 1, tzinfo=UTC)
    with archive.home() as home:
        registry = Registry(home)
        (column,) = portals.register(registry, spider, NOW)[2]
        ruling = decided(home, "listing", column.id, ["ended=2026-01-20"])
        rule_on(home, ruling, by="somebody", reason="it moved")
        (ended,) = portals.register(registry, spider, later)[2]
        assert ended.ended_at == datetime.fromisoformat("2026-01-20T00:00:00+08:00")
        found = replace(column, id="wanping:found-1", url="http://www.wanping.gov.cn/new/", covers=())
        registry.put_listings([found])
        portal.listings = (replace(portal.listings[0], url=found.url),)  # what crawls saw there goes on counting
        listings = portals.register(registry, spider, later)[2]
        assert [(row.id, row.covers, row.ended_at) for row in listings] == [
            ("wanping:found-1", column.covers, None),
            ("wanping:nb", column.covers, ended.ended_at),
        ]
        rows = len(registry.listings("wanping"))
        assert portals.register(registry, spider, later)[2] == listings
        portal.listings = (replace(portal.listings[0], url="http://www.wanping.gov.cn/third/"),)
        third = {row.id: (row.url, row.ended_at) for row in portals.register(registry, spider, later)[2]}
        assert (len(third), third["wanping:nb"]) == (rows, ("http://www.wanping.gov.cn/third/", None))


def test_registering_keeps_what_came_from_elsewhere_and_ends_what_is_gone(archive: Archive) -> None:
    from dataclasses import replace

    archive.portal()
    portal = portals.find("wanping", archive.path)
    spider = portal(name="wanping")
    with archive.home() as home:
        registry = Registry(home)
        registry.put_agencies([replace(portals.agencies(portal, NOW)[0], code="IMPORTED", source="import x.csv")])
        _, agencies, listings = portals.register(registry, spider, NOW)
        assert {a.id: a.code for a in agencies} == {"wanping/zf": "IMPORTED", "wanping/cz": None}
        assert [(row.id, row.ended_at) for row in listings] == [("wanping:nb", None)]
        assert portals.register(registry, spider, NOW)[1] == agencies
        registry.put_listings([replace(listings[0], id="wanping:found-1", url=f"{listings[0].url}2025/")])
        assert all(row.ended_at is None for row in portals.register(registry, spider, NOW)[2])
        portal.listings = ()  # what it led to ends with it
        later = datetime(2026, 3, 1, tzinfo=UTC)
        assert [(row.id, row.ended_at) for row in portals.register(registry, spider, later)[2]] == [
            ("wanping:found-1", later),
            ("wanping:nb", later),
        ]

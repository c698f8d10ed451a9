"""``news``: what became known between two instants, on either engine; the feed is parsed again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from xml.etree import ElementTree

from small_archive import SmallSite, at, report_page, title

from archive.exports.atom import Audience, feed
from archive.queries.words import word
from nianbao.python_api import Archive
from storage.home import Home
from storage.records import AgencyKind, RulingKind

SFJ, CZJ, MZJ = "汶上县司法局", "汶上县财政局", "汶上县民政局"
ATOM = {"a": "http://www.w3.org/2005/Atom"}

AUDIENCE = Audience(lang="en", site="https://archive.example", place="汶上县", about="汶上县", archive="a")


def play(home: Home) -> None:
    """One on time and later changed in silence, one missing, then late; one missing until a ruling."""
    site = SmallSite(home, first_year=2025)
    site.departments(sfj=SFJ, czj=CZJ, mzj=MZJ)
    site.agency("gcz", "汶上县郭仓镇人民政府", AgencyKind.TOWNSHIP)
    column = site.column(covers=(AgencyKind.DEPARTMENT, AgencyKind.TOWNSHIP))
    on_time, late = ("nb/1.html", title(SFJ)), ("nb/2.html", title(CZJ))
    site.look("2026-01-20 09:00", column, [on_time])
    site.fetch("2026-01-20 09:01", "nb/1.html", report_page(SFJ, 2025, text="电话13812345678。"))
    for day in ("2026-02-01", "2026-02-03", "2026-02-10"):
        site.look(f"{day} 09:00", column, [on_time])
    site.look("2026-02-20 09:00", column, [on_time, late])
    site.fetch("2026-02-20 09:01", "nb/2.html", report_page(CZJ, 2025))
    site.fetch("2026-02-20 09:02", "nb/1.html", report_page(SFJ, 2025, text="手机13812345678。"))
    site.rule("2026-03-01 09:00", RulingKind.DUTY, "wenshang/mzj/2025", status="not_expected")
    other = SmallSite(home, name="jiyuan", place="济源市", division="419001", first_year=2025)
    other.agency("sfj", "济源市司法局")
    other.column()


def test_each_turn_is_told_once_when_it_was_known(held: Archive) -> None:
    whole = held.news(at("2026-01-01 00:00"), portal="wenshang")
    assert [(item.kind, item.agency.id.partition("/")[2]) for item in whole.items] == [
        ("appeared", "sfj"),
        ("not_found", "gcz"),
        ("missing", "mzj"),
        ("missing", "czj"),  # read backwards, the gravest of this minute
        ("not_found", "gcz"),
        ("missing", "mzj"),
        ("missing", "czj"),  # once more: the second look proves it
        ("late", "czj"),
        ("silent_revision", "sfj"),
        ("taken_back", "mzj"),
    ]
    assert held.news(portal="wenshang").items == whole.items  # none in the last 30 days, so those of a year
    assert [one.previous_evidence for one in whole.items if one.agency.name == MZJ] == [None, "one_look", None]
    days = [datetime.fromisoformat(f"{day}T00:00:00+08:00") for day in ("2026-01-01", "2026-02-02", "2026-02-21")]
    parts = [held.news(since, until) for since, until in zip(days, [*days[1:], at("2026-04-01 09:00")], strict=True)]
    assert tuple(item for part in parts for item in part.items) == whole.items
    for item in whole.items:
        assert item.zh
        assert item.en
        if item.status is not None:
            status = held.status(item.agency.id, item.year, as_of=item.at)
            assert (status.duty.status, status.duty.en) == (item.status, item.en)


def test_the_feed_is_valid_and_its_ids_stay(held: Archive) -> None:
    whole = held.news(at("2026-01-01 00:00"))
    root = ElementTree.fromstring(feed(whole, AUDIENCE))
    assert root.tag == f"{{{ATOM['a']}}}feed"
    for name in ("id", "title", "updated", "author/a:name"):
        assert root.findtext(f"a:{name}", namespaces=ATOM)
    entries = root.findall("a:entry", ATOM)
    assert len(entries) == len(whole.items)
    ids = [entry.findtext("a:id", namespaces=ATOM) for entry in entries]
    assert len(set(ids)) == len(ids)
    assert all((one or "").startswith("urn:uuid:") for one in ids)
    later = ElementTree.fromstring(feed(held.news(at("2026-02-21 00:00")), replace(AUDIENCE, about="")))
    assert [entry.findtext("a:id", namespaces=ATOM) for entry in later.findall("a:entry", ATOM)] == ids[:1]
    assert later.findtext("a:id", namespaces=ATOM) != root.findtext("a:id", namespaces=ATOM)
    instants = [datetime.fromisoformat(entry.findtext("a:updated", "", ATOM)) for entry in entries]
    assert instants == [item.at for item in reversed(whole.items)]
    links = [link.attrib["href"] for link in entries[1].findall("a:link", ATOM)]
    assert links[0].startswith("https://archive.example/en/duty/wenshang/")
    assert links[1:] == ["http://www.wenshang.gov.cn/nb/1.html"]
    imitated = ElementTree.fromstring(feed(whole, replace(AUDIENCE, simulated=True)))
    assert all("SIMULATED" in (title.text or "") for title in imitated.iter(f"{{{ATOM['a']}}}title"))
    for item, entry in zip(reversed(whole.items), entries, strict=True):
        weak = item.evidence is not None and item.evidence.value == "one_look"
        assert entry.findtext("a:title", "", ATOM).endswith(f"({word('evidence', 'one_look', 'en')})") == weak
        content = entry.findtext("a:content", "", ATOM)
        assert item.en == content.splitlines()[0]
        assert all(one in content for one in (*item.editions, *item.looks, *item.captures))


def test_what_a_portal_prints_stays_text_in_the_feed(held: Archive) -> None:
    whole = held.news(at("2026-02-21 00:00"))
    [item] = whole.items
    hostile = replace(
        item, zh="<b>&\x00\ufffe\u202e]]>", address="javascript:alert(1)", agency=replace(item.agency, name="<x>&\x1b")
    )
    data = feed(replace(whole, items=(hostile,)), replace(AUDIENCE, lang="zh"))
    root = ElementTree.fromstring(data)
    [entry] = root.findall("a:entry", ATOM)
    assert entry.findtext("a:content", "", ATOM).splitlines()[0] == "<b>&���]]>"
    assert entry.findtext("a:title", "", ATOM).startswith("汶上县 <x>&� 2025")
    assert [link.attrib["rel"] for link in entry.findall("a:link", ATOM)] == ["alternate"]
    assert list(root.iter("b")) == []

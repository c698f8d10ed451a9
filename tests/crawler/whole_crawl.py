"""What every family of columns has to prove on an imitation portal: whole crawls over loopback, and, for the many
shapes of addresses and pagers, the same looks without sockets.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from county import FIRST, HOST, THEN, County, column, county, scenario

from archive.identity.classify import classify
from archive.identity.leads import lead_of
from crawler.lists.list_requests import Step
from crawler.looks.columns import column_looks
from crawler.looks.crawl_context import Fetched
from crawler.net.guard import Territory
from crawler.net.response_verdict import judge
from crawler.spider import PortalSpider
from crawler.spider import column as listing
from imitation.answers import Ask
from imitation.portals.family import Row
from imitation.records import Column, ImReport, Scenario
from imitation.server import ImitationPortals
from storage.observations import Observations
from storage.records import (
    Capture,
    CaptureOutcome,
    CaptureRole,
    Extraction,
    Lead,
    Link,
    Listing,
    ListingForm,
    Look,
    LookOutcome,
    Portal,
)

TITLE = "政府信息公开年报"


def reports_among(links: tuple[Link, ...]) -> set[str]:
    """The addresses taken for reports by their titles."""
    return {link.url for link in links if classify(link.text, link.url, place="宛平县").is_report}


def without_items(position: int, column: Column, entry: Row) -> str:
    """A row of a portal that was rebuilt: no link is left."""
    del position, column, entry
    return "<li><b>栏目已改版</b></li>"


def prove(path: Path, base: str, family: str, column_path: str, second: str) -> County:
    """Crawl a county through the real spider: all is found, a lost page is told, a changed one, a challenge; and what
    is new is found at the next look. ``second``: the path of the second page.
    """
    with county(path, scenario(family, column("nb", column_path))) as place:
        place.spider(base, f'column("nb", "http://{HOST}{column_path}", title="{TITLE}", covers="department")')
        (look,) = place.crawl()
        assert (look.outcome, look.reason) == (LookOutcome.OK, "")
        assert place.found(look) == place.true_entries(FIRST, "nb")
        with place.home() as home:
            links = Observations(home).extractions(look.id)[-1].links
        assert reports_among(links) == place.true_reports(FIRST, "nb")
        assert place.fetched() >= place.true_reports(FIRST, "nb")
        assert {c.outcome for c in place.captures(CaptureRole.ATTACHMENT)} == {CaptureOutcome.PAGE}
        for kind, at, outcome in (
            ("not_found", second, LookOutcome.PARTIAL),
            ("challenge", "/", LookOutcome.BLOCKED),
        ):
            fault = place.portals.add_fault(HOST, kind=kind, path=at)
            (look,) = place.crawl()
            assert (kind, look.outcome) == (kind, outcome)
            place.portals.remove_fault(fault)
        drawn = place.portals.site("wanping").family
        drawn.row = without_items  # type: ignore[method-assign]
        (look,) = place.crawl()
        assert (look.outcome, look.reason) == (LookOutcome.CHANGED, "no_item_found")
        del drawn.row  # type: ignore[method-assign]
        (look,) = place.crawl(THEN)
        assert look.outcome is LookOutcome.OK
        assert place.found(look) == place.true_entries(THEN, "nb")
        new = place.true_reports(THEN, "nb") - place.true_reports(FIRST, "nb")
        assert len(new) == 1
        assert new <= place.fetched()
    return place


class Played:
    """Stands for a session: asks an imitation portal without sockets, keeps looks in memory."""

    def __init__(self, spider: PortalSpider, portals: ImitationPortals) -> None:
        self.spider, self.portals = spider, portals
        self.territory = Territory(tuple(spider.hosts))
        self.clock = SimpleNamespace(now=portals.now)
        self.portal = Portal(
            name="wanping", place="宛平县", division=None, hosts=spider.hosts, family=spider.family, recorded_at=FIRST
        )
        self.agencies = ()
        self.listings = tuple(
            Listing(id=f"wanping:{one.key}", portal="wanping", url=one.url, form=ListingForm.COLUMN, column=one.title,
                    recorded_at=FIRST)
            for one in spider.listings
        )  # fmt: skip
        self.run = SimpleNamespace(id="run")
        self.counts: Counter[str] = Counter()
        self.notes: list[str] = []
        self.stored: list[tuple[Look, Extraction]] = []
        self.writer = SimpleNamespace(flush=lambda: None)
        self.observations = SimpleNamespace(
            add_look=lambda look, extraction: self.stored.append((look, extraction)), rulings=lambda: ()
        )
        self.registry = SimpleNamespace(put_listing=lambda row: None, put_listings=lambda rows: None)

    def lead_of(self, link: Link, listing: Listing) -> Lead:
        """Judge a link as a session does."""
        return lead_of(link, listing, self.portal, self.agencies)

    async def fetch(self, url: str, *, role: CaptureRole, step: Step | None = None, **_: Any) -> Fetched:
        """Answer as the portal would."""
        parts = urlsplit(url)
        ask = Ask(
            host=parts.netloc, path=parts.path or "/", query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            form=dict(step.form) if step is not None and step.form is not None else None, now=self.portals.now(),
        )  # fmt: skip
        answer, _ = self.portals.answer(ask)
        verdict = judge(answer.status, answer.body, url=url, requested=url)
        capture = Capture(id=url, run="run", portal="wanping", role=role, url=url, requested=url,
                          fetched_at=self.portals.now(), outcome=verdict.outcome)  # fmt: skip
        return Fetched(url, verdict, (capture,), answer.body)


def look_at(
    path: Path,
    base: type[PortalSpider],
    made: Scenario,
    day: datetime = FIRST,
    changed: Callable[..., str] | None = None,
) -> tuple[Look, tuple[Link, ...], set[str]]:
    """Look at the only column of a scenario: the look, its links, and the addresses that stand there."""
    portals = ImitationPortals(path, made)
    portals.set_now(day)
    (place,) = made.portals
    site = portals.site(place.name)
    if changed is not None:
        site.family.row = changed  # type: ignore[method-assign]
    where = (listing("nb", site.column_url("nb"), title=TITLE),)
    kind = type("Wanping", (base,), {"name": "wanping", "place": "宛平县", "hosts": (HOST,), "listings": where})
    spider = kind(name="wanping")
    spider.session = session = Played(spider, portals)

    async def all_looks() -> None:
        async for _ in column_looks(spider):
            pass

    asyncio.run(all_looks())
    look, extraction = session.stored[0]
    truth = {site.url(entry) for entry in place.in_column("nb", day)}
    return look, extraction.links, truth


def true_reports(made: Scenario, path: Path, day: datetime = FIRST) -> set[str]:
    """The addresses of the reports that stand in the column."""
    site = ImitationPortals(path, made).site("wanping")
    return {site.url(entry) for entry in made.portals[0].in_column("nb", day) if isinstance(entry, ImReport)}

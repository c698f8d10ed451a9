"""What every family of columns has to prove on an imitation portal: whole crawls over loopback, and, for the many
shapes of addresses and pagers, the same looks without sockets.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from county import FIRST, HOST, THEN, County, column, county, scenario

from archive.identity.classification import classify
from crawler.items import ListingSnapshot
from crawler.listing_specs import column as listing
from crawler.lists.list_requests import ListRequest
from crawler.spider import PortalSpider
from imitation.answers import Ask
from imitation.portals.family import Row
from imitation.records import Column, ImReport, Scenario
from imitation.server import ImitationPortals
from storage.observations import Observations
from storage.records import (
    CaptureOutcome,
    CaptureRole,
    Link,
    Listing,
    ListingForm,
    LookOutcome,
    Portal,
)
from tests.answering_source import AnsweringSource, Answers, look_at_all

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


def played(portals: ImitationPortals) -> Answers:
    """Answer as an imitation portal would, without sockets."""

    def answer(url: str, step: ListRequest | None) -> tuple[str, int, bytes, None]:
        parts = urlsplit(url)
        ask = Ask(
            host=parts.netloc, path=parts.path or "/", query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            form=dict(step.form) if step is not None and step.form is not None else None, now=portals.now(),
        )  # fmt: skip
        found, _ = portals.answer(ask)
        return url, found.status, found.body, None

    return answer


def look_at(
    path: Path,
    base: type[PortalSpider],
    made: Scenario,
    day: datetime = FIRST,
    changed: Callable[..., str] | None = None,
) -> tuple[ListingSnapshot, tuple[Link, ...], set[str]]:
    """Look at the only column of a scenario: the look, its links, and the addresses that stand there."""
    portals = ImitationPortals(path, made)
    portals.set_now(day)
    (place,) = made.portals
    site = portals.site(place.name)
    if changed is not None:
        site.family.row = changed  # type: ignore[method-assign]
    where = (listing("nb", site.column_url("nb"), title=TITLE),)
    kind = type("Wanping", (base,), {"name": "wanping", "place": "宛平县", "hosts": (HOST,), "listings": where})
    portal = Portal(name="wanping", place="宛平县", division=None, hosts=(HOST,), family=base.family, recorded_at=FIRST)
    listings = tuple(
        Listing(id=f"wanping:{one.key}", portal="wanping", url=one.url, form=ListingForm.COLUMN, column=one.title,
                recorded_at=FIRST)
        for one in where
    )  # fmt: skip
    source = AnsweringSource(day, played(portals))
    look = look_at_all(source, kind(name="wanping"), portal, (), listings)[0]
    truth = {site.url(entry) for entry in place.in_column("nb", day)}
    return look, look.links, truth


def true_reports(made: Scenario, path: Path, day: datetime = FIRST) -> set[str]:
    """The addresses of the reports that stand in the column."""
    site = ImitationPortals(path, made).site("wanping")
    return {site.url(entry) for entry in made.portals[0].in_column("nb", day) if isinstance(entry, ImReport)}

"""Entrances: pages from which a portal's columns are found while it is crawled, with the ranking of a probe.

A portal that has not changed is asked for its listings only: entrances are walked where no column is known, where no
known one looked ok in this run, where the last walk is a month old, or a year older than the calendar; and always where
each year has a column of its own, since the next one must be known before anything is absent from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crawler.discovery.found import Answer, Found, Limits, Shown
from crawler.discovery.labels import names_a_year
from crawler.discovery.walk import MORE_POINTERS, Walk
from crawler.errors import in_words
from crawler.lists.list_page import Page
from crawler.looks.crawl_context import Fetched, Session
from crawler.looks.look_builder import Refusals, failure, is_hindered
from crawler.looks.page_reading import shown as seen
from storage.records import CaptureOutcome, CaptureRole, Listing, ListingForm

if TYPE_CHECKING:
    from crawler.spider import PortalSpider

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONTH = timedelta(days=30)


def walk_is_due(
    session: Session, entrances: tuple[str, ...], known: Sequence[Listing], *, addressed: bool, looked_ok: bool
) -> bool:
    """Whether the entrances are to be walked in this run. ``known``: the columns known so far."""
    if not entrances:
        return False
    if not (known or addressed) or not looked_ok or any(names_a_year(listing.column) for listing in known):
        return True
    asked = [capture for url in entrances if (capture := session.store.last(url)) is not None]
    walked = [capture.fetched_at for capture in asked if capture.run not in session.cut_runs]
    if not walked:
        return True
    now, last = session.clock.now(), max(walked)
    return not timedelta() <= now - last <= MONTH or now.astimezone(SHANGHAI).year != last.astimezone(SHANGHAI).year


async def walk_from(
    spider: PortalSpider, down: set[str], known: Sequence[Listing], refusals: Refusals
) -> tuple[list[Found], dict[str, Fetched]]:
    """Walk from the entrances; returns the columns found, with those that do not answer but are called so, and what was
    fetched, so that nothing is asked for twice.

    ``down``: hosts that are not asked; those that ``refusals`` say are to be left are added. ``known`` columns were
    just read.
    """
    session: Session = spider.session
    held: dict[str, Fetched] = {}
    verdicts: dict[str, str] = {}

    async def ask(url: str, referer: str) -> Answer:
        if urlsplit(url).netloc in down:
            return Answer(None, "not asked: its host does not answer", asked=0)
        fetched = await session.fetch(url, role=CaptureRole.LISTING, referer=referer)
        stopped = refusals.stop(url, fetched)
        if fetched.verdict.outcome is CaptureOutcome.PAGE:
            held[url], verdicts[fetched.url] = fetched, fetched.verdict.reason
            return Answer(fetched.page)
        if stopped:
            down.add(urlsplit(url).netloc)
        if not referer:
            session.notes.append(f"entrance {url}: {failure(fetched)[1]}")
        return Answer(None, in_words(failure(fetched)[1]), hindered=is_hindered(fetched) and not stopped)

    def show(page: Page, column: str) -> Shown:
        listing = Listing(
            id="walk", portal=session.portal.name, url=page.url, form=ListingForm.COLUMN, column=column,
            recorded_at=session.clock.now(),
        )  # fmt: skip
        return seen(spider, page, listing, verdicts.get(page.url, ""))

    async def render(page: Page) -> Page | None:
        fetched = next((one for one in held.values() if one.url == page.url), None)
        return None if fetched is None or spider.renderer is None else await spider.renderer.page_of(fetched)

    walk = Walk(
        ask, show, limits=Limits.named("look"), refusal=session.territory.refusal,
        last_year=session.clock.now().astimezone(SHANGHAI).year, render=render, lists_rendered=False,
    )  # fmt: skip
    found = await walk.run(spider.entrances, [listing.url for listing in known])
    session.notes += [f"{url}: {why}" for url, _, why in found.unread if why == MORE_POINTERS]
    return [*found.listings, *(one for one, _ in found.hindered)], held

"""Entrances: pages from which a portal's columns are found while it is crawled, with the ranking of a probe.

A portal that has not changed is asked for its listings only: entrances are walked where no known column looked ok in
this run, alone or by its siblings, where the last walk is a month old, or a year older than the calendar; and always
where each year has a column of its own, since the next one must be known before anything is absent from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from crawler.discovery.found import Answer, FoundListing, Limits, PageSummary
from crawler.discovery.labels import names_a_year
from crawler.discovery.walk import HOST_LEFT, MORE_POINTERS, Walk
from crawler.lists.list_page import Page
from crawler.looks.look_builder import failure, may_answer_later
from crawler.looks.page_reading import summarize_page
from crawler.looks.source import LookSource
from crawler.net.fetching import FetchContext, Fetched
from crawler.run_protocol import RunProtocol
from storage.records import SHANGHAI, CaptureOutcome, CaptureRole, Listing, ListingForm, Note

MONTH = timedelta(days=30)


def walk_is_due(
    run: RunProtocol, entrances: tuple[str, ...], columns: Sequence[Listing], *, addressed: bool, looked_ok: bool
) -> bool:
    """Whether the entrances are to be walked in this run. ``columns``: those known so far."""
    if not entrances:
        return False
    if not (columns or addressed) or not looked_ok or any(names_a_year(one.column) for one in columns):
        return True
    asked = [capture for url in entrances if (capture := run.store.last(url)) is not None]
    walked = [capture.fetched_at for capture in asked if capture.run not in run.cut_runs]
    if not walked:
        return True
    now, last = run.clock.now(), max(walked)
    return not timedelta() <= now - last <= MONTH or now.astimezone(SHANGHAI).year != last.astimezone(SHANGHAI).year


async def walk_from(
    source: LookSource, entrances: tuple[str, ...], columns: Sequence[Listing]
) -> tuple[list[FoundListing], dict[str, Fetched]]:
    """Walk from the entrances; returns the columns found, with those that do not answer but are called so, and what was
    fetched, so that nothing is asked for twice.

    ``columns``: those that were just read.
    """
    held: dict[str, Fetched] = {}
    verdicts: dict[str, str] = {}

    async def ask(url: str, referer: str) -> Answer:
        if source.host_left(url):
            return Answer(None, HOST_LEFT, asked=0)
        fetched = await source.fetch(FetchContext(CaptureRole.LISTING, url), referer=referer)
        if fetched.verdict.outcome is CaptureOutcome.PAGE:
            held[url], verdicts[fetched.url] = fetched, fetched.verdict.reason
            return Answer(fetched.page)
        if not referer:
            source.notes.append(Note("entrance", {"url": url, "reason": failure(fetched)[1]}))
        later = may_answer_later(fetched) and not source.host_left(url)
        return Answer(None, failure(fetched)[1], may_answer_later=later)

    def show(page: Page, label: str) -> PageSummary:
        listing = Listing(
            id="walk", portal=source.portal.name, url=page.url, form=ListingForm.COLUMN, column=label,
            recorded_at=source.now(),
        )  # fmt: skip
        return summarize_page(source, page, listing, verdicts.get(page.url, ""))

    async def render(page: Page) -> Page | None:
        fetched = next((one for one in held.values() if one.url == page.url), None)
        return None if fetched is None or source.renderer is None else await source.renderer.page_of(fetched)

    walk = Walk(
        ask, show, limits=Limits.named("look"), refusal=source.allowed_hosts.refusal,
        last_year=source.now().astimezone(SHANGHAI).year, render=render, lists_rendered=False,
    )  # fmt: skip
    found = await walk.run(entrances, [one.url for one in columns])
    in_part = [url for url, _, why in found.unread if why == MORE_POINTERS]
    source.notes += [Note("page_in_part", {"url": url, "reason": MORE_POINTERS}) for url in in_part]
    return [*found.listings, *(one for one, _ in found.unanswered)], held

"""Addressed listings: one address per agency and reporting year, which is the report (汶上).

Each address that is asked is a look at its own listing. Every crawl asks for each duty whose report has not been seen;
a report that has been seen is asked for again by its age, like any visit. An empty answer counts only if an address
known to hold a report answers with it later in the same run (the control): a portal that answers empty to everything
proves nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from urllib.parse import quote

from crawler.crawl_run import CrawlRun
from crawler.items import ListingSnapshot
from crawler.listing_specs import ListingSpec
from crawler.lists.addressed import EmptyAnswers, address_pattern, judge_page
from crawler.lists.look_builder import LookBuilder, failure, snapshot_of
from crawler.lists.page_reader import read_text
from crawler.lists.source import LiveSource
from crawler.net.decoding import decode
from crawler.net.fetching import FetchContext, Fetched
from crawler.net.response_verdict import Verdict
from crawler.net.web_page import WebPage
from crawler.visits.due import due
from crawler.visits.report_parts import printed_date
from storage.records import SHANGHAI, Agency, CaptureOutcome, CaptureRole, Link, Listing, ListingForm, LookOutcome

_ABSENT = frozenset({CaptureOutcome.SOFT_404, CaptureOutcome.EMPTY, CaptureOutcome.NOT_FOUND})
#: A look that has ended, and the page of its report, where one was fetched with it.
Ended = tuple[ListingSnapshot, Fetched | None]


async def read_addressed(
    source: LiveSource, unfinished: CrawlRun, *, visit_everything: bool = False
) -> AsyncIterator[Ended]:
    """Return looks at all addressed listings of a portal. ``visit_everything``: also those not due yet."""
    for spec in source.listings:
        if spec.form is ListingForm.ADDRESSED:
            async for ended in _Round(source, spec, unfinished, visit_everything).run():
                yield ended


class _Round:
    """One pass over the addresses of a specification."""

    def __init__(self, source: LiveSource, spec: ListingSpec, unfinished: CrawlRun, visit_everything: bool) -> None:
        self.source, self.spec, self.unfinished = source, spec, unfinished
        self.visit_everything = visit_everything
        self.empty = EmptyAnswers[LookBuilder](self._known_good())

    async def run(self) -> AsyncIterator[Ended]:
        """Ask what is to be asked; confirm empty answers with every report that answers, and at the end."""
        source = self.source
        for agency, year, listing in self._addresses():
            if source.host_left(listing.url):
                break
            last = source.last_captures.get(listing.url)
            reported = last is not None and last.outcome is not CaptureOutcome.SOFT_404
            if reported and not (self.visit_everything or due(self.unfinished, source.now(), last, year)):
                continue
            look = LookBuilder(listing, source.now())
            previous, title = last if reported else None, f"{agency.name}{year}年"
            context = FetchContext(CaptureRole.REPORT, listing.url, link_text=title, previous=previous, addressed=True)
            fetched = await source.fetcher.fetch(context)
            look.add_captures(fetched)
            for ended in self._end(look, fetched):
                yield ended
        for ended in await self._last_control():
            yield ended

    def _addresses(self) -> Iterator[tuple[Agency, int, Listing]]:
        """Agency × year, the newest year first (its lateness is what matters), registered as listings."""
        last = self.source.now().astimezone(SHANGHAI).year - 1
        coded = [agency for agency in self.source.agencies if agency.code]
        rows = [
            (agency, year, _listing(self.source, self.spec, agency, year))
            for year in range(last, self.source.portal.first_year - 1, -1)
            for agency in coded
            if (agency.valid_from is None or agency.valid_from.year <= year)
            and (agency.valid_to is None or agency.valid_to.year >= year)
        ]
        self.source.put_listings(row[2] for row in rows)
        yield from rows

    def _known_good(self) -> str:
        """Return the newest address that held a report in an earlier run; "" if none did."""
        start = self.spec.url.partition("{")[0]
        captures = self.source.last_captures.values()
        held = [c for c in captures if c.requested.startswith(start) and c.outcome is not CaptureOutcome.SOFT_404]
        return max(held, key=lambda c: c.fetched_at).requested if held else ""

    def _end(self, look: LookBuilder, fetched: Fetched) -> list[Ended]:
        if fetched.verdict.outcome in _ABSENT:
            look.reason = fetched.verdict.reason
            self.empty.waiting.append(look)
            return []
        if not end_addressed(self.source, look, fetched, fetched.verdict):
            return [(snapshot_of(self.source, look), None)]
        control = fetched.capture.id if fetched.capture is not None else ""
        return [*self._confirm(look.listing.url, control), (snapshot_of(self.source, look), fetched)]

    def _confirm(self, good: str, control: str) -> list[Ended]:
        confirmed = self.empty.confirm(good)
        for look in confirmed:
            look.control = control
        return [(snapshot_of(self.source, look), None) for look in confirmed]

    async def _last_control(self) -> list[Ended]:
        """Ask the known-good address once more for the empty answers since the last report."""
        good, waiting = self.empty.good, self.empty.waiting
        if waiting and good:
            fetched = await self.source.fetcher.fetch(FetchContext(CaptureRole.REPORT, good, addressed=True))
            if fetched.verdict.outcome is CaptureOutcome.PAGE and not fetched.verdict.reason and fetched.capture:
                return self._confirm(good, fetched.capture.id)
        for look in waiting:
            look.set_outcome(LookOutcome.PARTIAL, self.empty.doubt)
        return [(snapshot_of(self.source, look), None) for look in waiting]


def end_addressed(source: LiveSource, look: LookBuilder, fetched: Fetched, verdict: Verdict) -> bool:
    """End the look at an address of agency and year by the verdict on its page; whether the page is the report."""
    outcome = verdict.outcome
    if outcome in {CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED}:
        link = _link_to(source, look.listing, fetched)
        look.links[link.url] = link
        if outcome is CaptureOutcome.NOT_MODIFIED or not verdict.reason:
            return True
        look.set_outcome(LookOutcome.CHANGED, verdict.reason)  # a report in a shape we do not know?
        return False
    look.set_outcome(*failure(fetched))
    look.host_left = source.host_left(look.listing.url)
    return False


def is_at(spec: ListingSpec, url: str) -> bool:
    """Whether an address is that of a listing, or one that its agencies and years make."""
    if spec.form is not ListingForm.ADDRESSED:
        return spec.url == url
    return address_pattern(spec.url).fullmatch(url) is not None


def _listing(source: LiveSource, spec: ListingSpec, agency: Agency, year: int) -> Listing:
    local = agency.id.partition("/")[2]
    return Listing(
        id=f"{source.portal.name}:{spec.key}/{local}/{year}", portal=source.portal.name,
        url=spec.url.replace("{code}", quote(agency.code or "", safe="")).replace("{year}", str(year)),
        form=ListingForm.ADDRESSED, column=spec.title, agency=agency.id, year=year, covers=(agency.kind,),
        recorded_at=source.now(),
    )  # fmt: skip


def _link_to(source: LiveSource, listing: Listing, fetched: Fetched) -> Link:
    """Return the report as a link to itself; of an unchanged page, by the bytes held."""
    page, capture = fetched.page, fetched.capture
    if fetched.verdict.outcome is CaptureOutcome.NOT_MODIFIED and capture is not None:
        assert source.run is not None, "only a run knows captures that can be confirmed"
        page = WebPage(listing.url, decode(source.run.held_body(capture)))
    return replace(link_to(page, listing.url), capture=capture.id if capture is not None else "")


def link_to(page: WebPage, url: str) -> Link:
    """Return an addressed report as a link to itself: its printed title, and the date printed with a label."""
    entry = judge_page(read_text(page.url, page.text, keep_root=True)).entry
    return Link(url=url, text=entry.title if entry is not None else "", listed=printed_date(page.text))

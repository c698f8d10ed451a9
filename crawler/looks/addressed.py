"""Addressed listings: one address per agency and reporting year, which is the report (汶上).

Each address that is asked is a look at its own listing. Every crawl asks for each duty whose report has not been seen;
a report that has been seen is asked for again by its age, like any visit. An empty answer counts only if an address
known to hold a report answers with it later in the same run (the control): a portal that answers empty to everything
proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from urllib.parse import quote

from archive.identity.classification import classify
from crawler.crawl_run import CrawlRun
from crawler.items import ListingSnapshot
from crawler.listing_specs import ListingSpec
from crawler.looks.look_builder import LookBuilder, failure, snapshot_of
from crawler.looks.source import LookSource
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
    source: LookSource, unfinished: CrawlRun, *, visit_everything: bool = False
) -> AsyncIterator[Ended]:
    """Return looks at all addressed listings of a portal. ``visit_everything``: also those not due yet."""
    for spec in source.reader.listings:
        if spec.form is ListingForm.ADDRESSED:
            async for ended in _Round(source, spec, unfinished, visit_everything).run():
                yield ended


class _Round:
    """One pass over the addresses of a specification. ``waiting``: empty answers that no control confirmed yet."""

    def __init__(self, source: LookSource, spec: ListingSpec, unfinished: CrawlRun, visit_everything: bool) -> None:
        self.source, self.spec, self.unfinished = source, spec, unfinished
        self.visit_everything = visit_everything
        self.waiting: list[LookBuilder] = []
        self.good: str | None = self._known_good()

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
            fetched = await source.fetch(context)
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
            for year in range(last, self.source.reader.first_year - 1, -1)
            for agency in coded
            if (agency.valid_from is None or agency.valid_from.year <= year)
            and (agency.valid_to is None or agency.valid_to.year >= year)
        ]
        self.source.put_listings(row[2] for row in rows)
        yield from rows

    def _known_good(self) -> str | None:
        """Return the newest address that held a report in an earlier run."""
        start = self.spec.url.partition("{")[0]
        captures = self.source.last_captures.values()
        held = [c for c in captures if c.requested.startswith(start) and c.outcome is not CaptureOutcome.SOFT_404]
        return max(held, key=lambda c: c.fetched_at).requested if held else None

    def _end(self, look: LookBuilder, fetched: Fetched) -> list[Ended]:
        if fetched.verdict.outcome in _ABSENT:
            look.reason = fetched.verdict.reason
            self.waiting.append(look)
            return []
        if not end_addressed(self.source, look, fetched, fetched.verdict):
            return [(snapshot_of(self.source, look), None)]
        self.good = look.listing.url
        control = fetched.capture.id if fetched.capture is not None else ""
        return [*self._confirm(control), (snapshot_of(self.source, look), fetched)]

    def _confirm(self, control: str) -> list[Ended]:
        confirmed, self.waiting = self.waiting, []
        for look in confirmed:
            look.control = control
        return [(snapshot_of(self.source, look), None) for look in confirmed]

    async def _last_control(self) -> list[Ended]:
        """Ask the known-good address once more for the empty answers since the last report."""
        if not self.waiting:
            return []
        if self.good is not None:
            fetched = await self.source.fetch(FetchContext(CaptureRole.REPORT, self.good, addressed=True))
            if fetched.verdict.outcome is CaptureOutcome.PAGE and not fetched.verdict.reason and fetched.capture:
                return self._confirm(fetched.capture.id)
        reason = "no_known_good_address" if self.good is None else "control_failed"
        for look in self.waiting:
            look.set_outcome(LookOutcome.PARTIAL, reason)
        return [(snapshot_of(self.source, look), None) for look in self.waiting]


def end_addressed(source: LookSource, look: LookBuilder, fetched: Fetched, verdict: Verdict) -> bool:
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


def _listing(source: LookSource, spec: ListingSpec, agency: Agency, year: int) -> Listing:
    local = agency.id.partition("/")[2]
    return Listing(
        id=f"{source.portal.name}:{spec.key}/{local}/{year}", portal=source.portal.name,
        url=spec.url.replace("{code}", quote(agency.code or "", safe="")).replace("{year}", str(year)),
        form=ListingForm.ADDRESSED, column=spec.title, agency=agency.id, year=year, covers=(agency.kind,),
        recorded_at=source.now(),
    )  # fmt: skip


def _link_to(source: LookSource, listing: Listing, fetched: Fetched) -> Link:
    """Return the report as a link; for an unchanged page, of the bytes held."""
    page = fetched.page
    if fetched.verdict.outcome is CaptureOutcome.NOT_MODIFIED and fetched.capture is not None:
        page = WebPage(listing.url, decode(source.held_body(fetched.capture)))
    return replace(link_to(page, listing.url), capture=fetched.capture.id if fetched.capture is not None else "")


def address_pattern(url: str) -> re.Pattern[str]:
    """Return the addresses that one with ``{code}`` and ``{year}`` makes, as a pattern: in whatever order its fields
    stand, with others beside them or not. One whose year is left out shows a body's newest report, and is one of them.
    """
    way, _, query = url.partition("?")
    if "{year}" not in query:
        return re.compile(_filled(url))
    lookaheads = ""
    for one in query.split("&"):
        name, _, value = one.partition("=")
        shape = rf"{re.escape(name)}={_filled(value)}(?:[&#]|$)"
        if "{code}" in value or ("{code}" in way and "{year}" not in value):
            lookaheads += rf"(?=(?:[^#]*&)?{shape})"
        else:  # left out, or as it stands there
            lookaheads += rf"(?!(?:[^#]*&)?{re.escape(name)}=(?!{_filled(value)}(?:[&#]|$)))"
    return re.compile(rf"{_filled(way)}\?{lookaheads}[^#]*")


def _filled(text: str) -> str:
    """A piece of an address with gaps as a regular expression."""
    return re.escape(text).replace(r"\{code\}", r"[^&/?#]+").replace(r"\{year\}", r"\d{4}")


def link_to(page: WebPage, url: str) -> Link:
    """Return an addressed report as a link to itself: its printed title, and the date printed with a label."""
    tree = page.tree
    title = ""
    if tree is not None:
        texts = ["".join(str(part) for part in node.itertext()).strip()[:300] for node in tree.xpath(_TITLES)[:40]]
        title = next((" ".join(text.split()) for text in texts if _names_a_report(text)), "")
    return Link(url=url, text=title, listed=printed_date(page.text))


def _names_a_report(title: str) -> bool:
    found = classify(title, None)
    return found.is_report and found.year is not None


_TITLES = "//h1 | //h2 | //h3 | //*[contains(@class, 'title')] | //*[contains(@id, 'title')] | //title"

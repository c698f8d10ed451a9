"""Looks at addressed listings: each agency and reporting year has an address, and its page is the report (汶上).

Each request is a look at a listing of its own. Every crawl requests all reports that were not seen yet; those seen are
requested again by their age, like any visit. An empty answer counts only if, later in the same run, an address that is
known to have a report still answers with it (the control): a portal that answers empty to everything proves nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import quote

from crawler.items import ListingSnapshot
from crawler.listing_specs import ListingSpec
from crawler.lists.addressed import judge_text
from crawler.lists.source import LiveSource
from crawler.lists.stored_lists import failure
from crawler.net.fetching import FetchContext, Fetched
from crawler.net.response_verdict import ResponseVerdict
from crawler.net.web_page import WebPage, decode
from crawler.report_parts import printed_date
from storage.records import SHANGHAI, Agency, CaptureOutcome, CaptureRole, Link, Listing, ListingForm, LookOutcome

_ABSENT = frozenset({CaptureOutcome.SOFT_404, CaptureOutcome.EMPTY, CaptureOutcome.NOT_FOUND})
#: A look that has ended, and the page of its report, if it showed one.
Ended = tuple[ListingSnapshot, Fetched | None]


async def read_addressed(source: LiveSource, *, visit_everything: bool = False) -> AsyncIterator[Ended]:
    """Yield looks at all addressed listings of a portal. ``visit_everything``: also those not due yet.

    Looks with an empty answer are held back until a later address shows a report. If none does, the newest address that
    had a report before is requested as the control; if that fails, the looks are partial.
    """
    for spec in source.listings:
        if spec.form is not ListingForm.ADDRESSED:
            continue
        good, waiting = _known_good(source, spec), list[ListingSnapshot]()
        for agency, year, listing in _addresses(source, spec):
            if source.host_left(listing.url) or not source.is_due(listing.url, year, everything=visit_everything):
                continue
            last = source.last_captures.get(listing.url)
            context = FetchContext(
                CaptureRole.REPORT, listing.url, link_text=f"{agency.name}{year}年", addressed=True,
                previous=last if last is not None and last.outcome is not CaptureOutcome.SOFT_404 else None,
            )  # fmt: skip
            fetched = await source.fetcher.fetch(context)
            if fetched.verdict.outcome in _ABSENT:
                waiting.append(replace(source.new_look(listing, [fetched]), reason=fetched.verdict.reason))
                continue
            look = end_addressed(source, listing, fetched, fetched.verdict)
            is_report = look.outcome is LookOutcome.OK
            if is_report:
                for one in waiting:
                    yield _confirmed(source, one, fetched), None
                good, waiting = listing.url, []
            yield look, fetched if is_report else None
        if waiting and good:  # request the control
            fetched = await source.fetcher.fetch(FetchContext(CaptureRole.REPORT, good, addressed=True))
            if fetched.verdict == ResponseVerdict(CaptureOutcome.PAGE) and fetched.capture is not None:
                for one in waiting:
                    yield _confirmed(source, one, fetched), None
                waiting = []
        doubt = "control_failed" if good else "no_known_good_address"
        for one in waiting:
            yield replace(one, outcome=LookOutcome.PARTIAL, reason=doubt), None


def end_addressed(source: LiveSource, listing: Listing, fetched: Fetched, verdict: ResponseVerdict) -> ListingSnapshot:
    """Return the look at an address of agency and year; its outcome is ``ok`` if the page is the report."""
    look, outcome = source.new_look(listing, [fetched]), verdict.outcome
    if outcome not in {CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED}:
        ended, reason = failure(fetched)
        return replace(look, outcome=ended, reason=reason, host_left=source.host_left(listing.url))
    look = replace(look, links=(_link_to(source, listing, fetched),))
    if outcome is CaptureOutcome.NOT_MODIFIED or not verdict.reason:
        return look
    return replace(look, outcome=LookOutcome.CHANGED, reason=verdict.reason)  # a report in a shape we do not know?


def _addresses(source: LiveSource, spec: ListingSpec) -> list[tuple[Agency, int, Listing]]:
    """Return and register a listing for each agency and year, the newest year first, as its reports may be late."""
    last = source.now().astimezone(SHANGHAI).year - 1
    rows = [
        (agency, year, _listing(source, spec, agency, year))
        for year in range(last, source.portal.first_year - 1, -1)
        for agency in source.agencies
        if agency.code
        and (agency.valid_from is None or agency.valid_from.year <= year)
        and (agency.valid_to is None or agency.valid_to.year >= year)
    ]
    source.put_listings(row[2] for row in rows)
    return rows


def _listing(source: LiveSource, spec: ListingSpec, agency: Agency, year: int) -> Listing:
    local = agency.id.partition("/")[2]
    return Listing(
        id=f"{source.portal.name}:{spec.key}/{local}/{year}", portal=source.portal.name,
        url=spec.url.replace("{code}", quote(agency.code or "", safe="")).replace("{year}", str(year)),
        form=ListingForm.ADDRESSED, column=spec.title, agency=agency.id, year=year, covers=(agency.kind,),
        recorded_at=source.now(),
    )  # fmt: skip


def _known_good(source: LiveSource, spec: ListingSpec) -> str:
    """Return the address of the listing that had a report most recently in earlier runs; "" if none had."""
    start, captures = spec.url.partition("{")[0], source.last_captures.values()
    held = [c for c in captures if c.requested.startswith(start) and c.outcome is not CaptureOutcome.SOFT_404]
    return max(held, key=lambda c: c.fetched_at).requested if held else ""


def _confirmed(source: LiveSource, look: ListingSnapshot, control: Fetched) -> ListingSnapshot:
    """Return a look with an empty answer as valid, with the capture of the report that came after it (``control``)."""
    return replace(look, control=control.capture.id if control.capture is not None else "", finished=source.now())


def _link_to(source: LiveSource, listing: Listing, fetched: Fetched) -> Link:
    """Return a link to the report at a listing's address; for a 304, by the stored page."""
    page, capture = fetched.page, fetched.capture
    if fetched.verdict.outcome is CaptureOutcome.NOT_MODIFIED and capture is not None:
        assert source.run is not None, "only a run knows captures that can be confirmed"
        page = WebPage(listing.url, decode(source.run.held_body(capture)))
    return replace(link_to(page, listing.url), capture=capture.id if capture is not None else "")


def link_to(page: WebPage, url: str) -> Link:
    """Return a link to an addressed report, with its printed title and its date of publication."""
    entry = judge_text(page.url, page.text).entry
    return Link(url=url, text=entry.title if entry is not None else "", listed=printed_date(page.text))

"""Recognises addresses made of an agency's code and a reporting year (汶上), judges their pages, and looks at them.

Each request is a look at a listing of its own. Every crawl requests all reports that were not seen yet; those seen are
requested again by their age, like any visit. An empty answer counts only if, later in the same run, an address that is
known to have a report still answers with it (the control): a portal that answers empty to everything proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, quote, urldefrag

from lxml import html

from archive.identity.classification import classify
from crawler.items import ListingSnapshot
from crawler.listing_specs import ListingSpec
from crawler.lists.html_tree import HtmlTree, text_of
from crawler.lists.looks import LiveSource
from crawler.lists.page import PageOfList
from crawler.lists.page_reader import read_text
from crawler.lists.stored_lists import failure
from crawler.lists.words import ADDRESSED, squeeze
from crawler.net.fetching import FetchContext, Fetched
from crawler.net.web_page import ResponseVerdict, WebPage, decode, visible_text, words
from storage.page_metadata import meta_values_in, published
from storage.records import SHANGHAI, Agency, CaptureOutcome, CaptureRole, Link, Listing, ListingForm, LookOutcome

REPORT = ResponseVerdict(CaptureOutcome.PAGE)
EMPTY_ANSWER = ResponseVerdict(CaptureOutcome.SOFT_404, "empty_report")
NOT_UNDERSTOOD = ResponseVerdict(CaptureOutcome.PAGE, "not_understood")
MIN_CHAPTERS, MIN_BODY_CHARS = 2, 40
_HEADINGS = "//h1|//h2|//h3|//title|//*[contains(@class, 'title') or contains(@id, 'title')]"
_FILE = re.compile(ADDRESSED["file"], re.I)
_PRINTED = re.compile(
    r"(?:发布|发文|生成|公开)?(?:日期|时间)\s*[:：]?\s*((?:19|20)\d\d\s*[-年/.]\s*\d{1,2}\s*[-月/.]\s*\d{1,2}日?)"
)


def judge_addressed(page: WebPage) -> ResponseVerdict:
    """Return the verdict of :func:`judge_page` on a page at an address of agency and any year."""
    return judge_page(read_text(page.url, page.text))[0]


def judge_page(page: PageOfList, year: int | None = None) -> tuple[ResponseVerdict, str]:
    """Return whether a page is a report (``REPORT``, by chapters, or title and content), says that there is none
    (``EMPTY_ANSWER``) or neither (``NOT_UNDERSTOOD``), and the title of a report. ``year``: in its address.
    """
    root = HtmlTree(page.url, page.source).root
    heads = [text_of(one)[:300] for one in root.xpath(_HEADINGS)]
    titles = {head: lead.year for head in heads if (lead := classify(head, None)).is_report and lead.year}
    boxes = [box for selector in ADDRESSED["text_boxes"] for box in root.cssselect(selector)]
    text, inside = text_of(root), squeeze("".join(map(text_of, boxes)))
    is_filled = len(inside) >= MIN_BODY_CHARS or any(map(_shows_file, boxes))
    chapters = sum(chapter in squeeze(text) for chapter in words("report_page", "chapters"))
    if chapters >= MIN_CHAPTERS or (titles and (is_filled or _shows_file(root, pictures=False))):
        if year and year not in titles.values() and (titles or f"{year}年" not in squeeze(text)):
            return NOT_UNDERSTOOD, ""  # a report of another year
        title = min((head for head in titles if year in (titles[head], None)), key=len, default=page.title)
        return REPORT, title
    is_elsewhere = bool(page.frames) or _shows_file(root, pictures=not boxes)
    if (boxes or page.says_empty) and not (titles or is_filled or is_elsewhere):
        return EMPTY_ANSWER, ""
    return NOT_UNDERSTOOD, ""


def _shows_file(element: Any, *, pictures: bool = True) -> bool:
    """Whether a part of a page shows or links a file, or with ``pictures`` a picture, that may be the report."""
    frames = [one for one in element.iter("embed", "object", "iframe") if one.get("width") not in ("0", "1")]
    if frames or (pictures and element.find(".//img") is not None):
        return True
    return _FILE.search(html.tostring(element, encoding="unicode")) is not None


def is_address_of(template: str, url: str) -> bool:
    """Whether an address fits a template with ``{code}`` and ``{year}``; the order of its fields and further fields do
    not matter. The year may be missing: such an address shows an agency's newest report.
    """
    (pattern, _, query), (path, _, own_query) = template.partition("?"), urldefrag(url).url.partition("?")
    fields = parse_qs(own_query)
    for name, value in parse_qs(query).items():
        is_needed = "{code}" in value[0] or ("{code}" in pattern and "{year}" not in value[0])
        if not _fills(value[0], fields[name][0]) if name in fields else is_needed:
            return False
    return _fills(pattern, path)


def _fills(template: str, text: str) -> bool:
    """Whether a text is the template with its gaps filled."""
    pattern = re.escape(template).replace(r"\{code\}", r"[^&/?#]+").replace(r"\{year\}", r"\d{4}")
    return re.fullmatch(pattern, text) is not None


_ABSENT = frozenset({CaptureOutcome.SOFT_404, CaptureOutcome.EMPTY, CaptureOutcome.NOT_FOUND})
#: A look that has ended, and the page of its report, if it showed one.
Ended = tuple[ListingSnapshot, Fetched | None]


async def read_addressed(source: LiveSource) -> AsyncIterator[Ended]:
    """Yield looks at a portal's addressed listings (each the address of one agency and year) that are due, each with
    the fetched page if that is the report, else None.
    Looks with an empty answer are held back until a later address shows a report. If none does, the newest address that
    had a report before is requested as the control; if that fails, the looks are partial: the addresses may have moved.
    """
    for spec in source.listings:
        if spec.form is not ListingForm.ADDRESSED:
            continue
        good, undecided = _address_with_report(source, spec), list[ListingSnapshot]()
        for agency, year, listing in _addresses(source, spec):
            if source.host_left(listing.url) or not source.is_due(listing.url, year):
                continue
            last = source.run.last_captures.get(listing.url)
            context = FetchContext(
                CaptureRole.REPORT, listing.url, link_text=f"{agency.name}{year}年", judge=judge_addressed,
                previous=last if last is not None and last.outcome is not CaptureOutcome.SOFT_404 else None,
            )  # fmt: skip
            fetched = await source.fetcher.fetch(context)
            if fetched.verdict.outcome in _ABSENT:
                undecided.append(replace(source.new_look(listing, [fetched]), reason=fetched.verdict.reason))
                continue
            look = _end_look(source, listing, fetched)
            is_report = look.outcome is LookOutcome.OK
            if is_report:
                for one in undecided:
                    yield _confirm(source, one, fetched), None
                good, undecided = listing.url, []
            yield look, fetched if is_report else None
        if undecided and good:  # request the control
            fetched = await source.fetcher.fetch(FetchContext(CaptureRole.REPORT, good, judge=judge_addressed))
            if fetched.verdict == REPORT and fetched.capture is not None:
                for one in undecided:
                    yield _confirm(source, one, fetched), None
                undecided = []
        doubt = "control_failed" if good else "no_known_good_address"
        for one in undecided:
            yield replace(one, outcome=LookOutcome.PARTIAL, reason=doubt), None


def _end_look(source: LiveSource, listing: Listing, fetched: Fetched) -> ListingSnapshot:
    """Return the look at an address of agency and year; its outcome is ``ok`` if the page is the report."""
    look, outcome, reason = source.new_look(listing, [fetched]), fetched.verdict.outcome, fetched.verdict.reason
    if not outcome.is_page:
        outcome_of_look, why = failure(fetched)
        return replace(look, outcome=outcome_of_look, reason=why, host_left=source.host_left(listing.url))
    look = replace(look, links=(_link_to(source, listing, fetched),))
    if outcome is CaptureOutcome.NOT_MODIFIED or not reason:
        return look
    return replace(look, outcome=LookOutcome.CHANGED, reason=reason)  # a report in a shape we do not know?


def _addresses(source: LiveSource, spec: ListingSpec) -> list[tuple[Agency, int, Listing]]:
    """Return and register a listing for each agency with a code and each year it existed, the newest year first."""
    last = source.now().astimezone(SHANGHAI).year - 1
    rows = [
        (agency, year, _listing(source, spec, agency, year))
        for year in range(last, source.run.portal.first_year - 1, -1)
        for agency in source.run.agencies
        if agency.code
        and (agency.valid_from is None or agency.valid_from.year <= year)
        and (agency.valid_to is None or agency.valid_to.year >= year)
    ]
    source.run.registry.put_listings([row[2] for row in rows])
    return rows


def _listing(source: LiveSource, spec: ListingSpec, agency: Agency, year: int) -> Listing:
    """Return the listing that is the address of one agency and year, with the gaps of ``spec.url`` filled."""
    local = agency.id.partition("/")[2]
    return Listing(
        id=f"{source.run.portal.name}:{spec.key}/{local}/{year}", portal=source.run.portal.name,
        url=spec.url.replace("{code}", quote(agency.code or "", safe="")).replace("{year}", str(year)),
        form=ListingForm.ADDRESSED, column=spec.title, agency=agency.id, year=year, covers=(agency.kind,),
        recorded_at=source.now(),
    )  # fmt: skip


def _address_with_report(source: LiveSource, spec: ListingSpec) -> str:
    """Return the address of the listing that had a report most recently in earlier runs; "" if none had."""
    start, captures = spec.url.partition("{")[0], source.run.last_captures.values()
    answered = [c for c in captures if c.requested.startswith(start) and c.outcome is not CaptureOutcome.SOFT_404]
    return max(answered, key=lambda c: c.fetched_at).requested if answered else ""


def _confirm(source: LiveSource, look: ListingSnapshot, control: Fetched) -> ListingSnapshot:
    """Return a look with an empty answer as valid, with the capture of the report that came after it (``control``)."""
    return replace(look, control=control.capture_id or "", finished=source.now())


def _link_to(source: LiveSource, listing: Listing, fetched: Fetched) -> Link:
    """Return a link to the report at a listing's address; for a 304, by the stored page."""
    page, capture = fetched.page, fetched.capture
    if fetched.verdict.outcome is CaptureOutcome.NOT_MODIFIED and capture is not None:
        page = WebPage(listing.url, decode(source.run.held_body(capture)))
    return replace(link_to(page, listing.url), capture=fetched.capture_id or "")


def link_to(page: WebPage, url: str) -> Link:
    """Return a link to an addressed report, with its printed title and its date of publication."""
    return Link(url=url, text=judge_page(read_text(page.url, page.text))[1], listed=printed_date(page.text))


def printed_date(text: str) -> str | None:
    """Return the first date with a label (发布时间:2026-01-22), without blanks; else that in the metadata; or None."""
    match = _PRINTED.search(visible_text(text))
    if match:
        return "".join(match.group(1).split())
    date = published(meta_values_in(text))
    return f"{date.at:%Y-%m-%d}" if date else None

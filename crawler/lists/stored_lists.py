"""Translates a list that was read to what is stored of a look: its outcome and reason, and entries as links.

Fetches nothing. The codes of reasons, ``[reasons]`` in ``words.toml``, are never renamed; their texts are
``[look_reason]`` in ``nianbao/messages/cli.toml``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from archive.identity.addresses import printed_at
from archive.identity.several_reports import name_two
from crawler.lists.engine import IsReport, find_unmet, rows_by_page
from crawler.lists.list_reader import ListReading, read_list
from crawler.lists.page import Answer, Entry, Request, Stopped
from crawler.lists.page_reader import read_page
from crawler.lists.walk import Walk
from crawler.lists.words import REASONS, year_above
from crawler.net.failures import host_of
from crawler.net.fetching import Fetched
from storage.records import PREVIEW, Capture, CaptureOutcome, CaptureRole, Lead, Link, Listing, LookOutcome, Portal

MADE_BY_SCRIPT = "scripts_make_the_list"
_UNANSWERED = {  # outcome of a look by that of its failed fetch
    CaptureOutcome.ROBOTS: LookOutcome.ROBOTS,
    CaptureOutcome.BLOCKED: LookOutcome.BLOCKED,
    CaptureOutcome.UNREACHABLE: LookOutcome.UNREACHABLE,
    CaptureOutcome.ERROR: LookOutcome.UNREACHABLE,
}
#: Reasons of looks that need a browser, as only scripts show the rest of the list.
BY_SCRIPT = frozenset(REASONS[rule] for rule in ("way_on", "unlinked", "choice"))
#: A stored page, as it came or as a browser showed it: its capture, address and bytes.
Stored = tuple[Capture, str, bytes]
LeadOf = Callable[[Link, Listing], Lead]  # judges whether a link of a listing leads to a report, and to which


def read_again(
    stored: Sequence[Stored], listing: Listing, portal: Portal, lead_of: LeadOf
) -> tuple[list[Link], str | None]:
    """Read a list from its stored pages with today's engine. Return its links, each with the capture of the first page
    that shows it, and why it is not whole, as the reason of a look; None if it is, or if that cannot be told.

    ``lead_of``: judges to which report a link leads, to decide whether the year above an entry is added to its text.
    """
    answers = [Answer(Request(url), url, 200, body) for _, url, body in stored]
    pages, links = list(map(read_page, answers)), dict[str, Link]()
    if not pages:
        return [], None
    walk = Walk(lambda request: Answer(request, request.url, 0), place=portal.place, hosts=portal.hosts)  # only judges
    is_report = walk.judge_for(tuple(listing.column.split(">")), pages[0])
    for (capture, *_), rows in zip(stored, rows_by_page(pages, is_report), strict=True):
        for entry in rows:
            add_link(links, entry, listing, listing.column, capture.id, lead_of)
    if states := [page for page, (capture, *_) in zip(pages, stored, strict=True) if capture.is_shown_by_browser]:
        # only a total counts: what else the browser proved at the list's end is not stored
        short = (one for one in find_unmet(states, is_report) if one.rule == "total" and one.stated > one.read)
        return list(links.values()), next((f"{one.read}_of_{one.stated}" for one in short), None)
    asked = {capture.requested: answer for (capture, *_), answer in zip(stored, answers, strict=True)}
    return list(links.values()), _find_doubt(asked, listing.url, is_report)


def _find_doubt(asked: Mapping[str, Answer], url: str, is_report: IsReport) -> str | None:
    """Return why a list without a browser's states is not whole. ``asked``: stored answers; no others came. Whether a
    single page may be cut is not asked again: other lists of the crawl may have disproved it.
    """

    def fetch(request: Request) -> Answer:
        if request.body is not None:  # the answer to a form is not found by its address
            raise Stopped
        return asked.get(request.url) or Answer(request, request.url, 0)

    try:
        read = read_list(url, fetch, is_report)
    except Stopped:
        return None
    if not read.entries or read.may_be_cut:  # without entries, it was read in another way
        return None
    return outcome_of(read, ())[1] or None


def add_link(links: dict[str, Link], entry: Entry, listing: Listing, path: str, capture: str, lead_of: LeadOf) -> None:
    """Add an entry of a list to the links of a look, by address; ``path``: the labels that lead to the list."""
    link = Link(
        url=entry.url or printed_at(listing.url, entry.title), text=entry.title, listed=entry.date or None,
        row=entry.row if entry.row != entry.title else "", position=len(links), capture=capture,
    )  # fmt: skip
    year = year_above(entry.group, path.split(">"))
    links.setdefault(_key_of(link, links), _with_year_above(link, year, listing, lead_of) if year else link)


def _key_of(link: Link, links: Mapping[str, Link]) -> str:
    """Return the address of a link; with its text if another agency's link has that address (two may share one)."""
    first = links.get(link.url)
    return printed_at(link.url, link.text) if first is not None and name_two(first.text, link.text) else link.url


def _with_year_above(link: Link, year: str, listing: Listing, lead_of: LeadOf) -> Link:
    """Return the link with the year above it in its text (``2023年>县财政局``) if it is a report only with that, or has
    no year while that above is one of reports (``2023年度>``); else as it is.
    """
    below = replace(link, text=f"{year}{link.text}")
    own, lead = lead_of(link, listing), lead_of(below, listing)
    is_dated = year.endswith("度>") and own.year is None
    return below if lead.is_report and (is_dated or not own.is_report) else link


def outcome_of(read: ListReading, fetched: Sequence[Fetched]) -> tuple[LookOutcome, str]:
    """Return outcome and reason (a code) of a look at a list: ok and "" if it was read whole; else by what comes first:
    the first of ``fetched`` failed, the page budget was used up, the page broke our reader or only previews other
    lists, it shows no entries, it states more than was read, it fails another rule for whole lists (``read.unmet``).
    """
    if read.is_whole:
        return LookOutcome.OK, ""
    listed = [one for one in fetched if one.capture is None or one.capture.role is CaptureRole.LISTING]
    failed = [one for one in listed if one.verdict.outcome is not CaptureOutcome.PAGE]
    if failed and failed[0] is listed[0]:
        return failure(failed[0])
    over_budget = next((one for one in failed if one.spent), None)
    if over_budget is not None:
        return LookOutcome.PARTIAL, failure(over_budget)[1]
    rules = [one.rule for one in read.unmet]
    if rules[0] == "reading_failed":
        return LookOutcome.CHANGED, f"reading_failed:{read.unmet[0].detail}"
    if rules == ["preview"]:
        return LookOutcome.CHANGED, PREVIEW
    if not read.entries:
        if failed:
            return LookOutcome.PARTIAL, failure(failed[0])[1]
        if read.says_empty:
            return LookOutcome.PARTIAL, "says_it_is_empty"  # proves nothing
        if read.is_scripted and not read.states:  # no browser looked
            return LookOutcome.SCRIPT_ONLY, MADE_BY_SCRIPT
        return LookOutcome.CHANGED, REASONS["shows_nothing"]
    for unmet in read.unmet:
        if unmet.stated > unmet.read:
            what = "_pages" if unmet.rule == "pages" else ""
            where = f":{failure(failed[0])[1]} {failed[0].url}" if failed else ""  # the page that did not come
            return LookOutcome.PARTIAL, f"{unmet.read}_of_{unmet.stated}{what}{where}"
    entry = f":{read.unmet[0].detail}" if rules[0] == "known_entry" else ""
    return LookOutcome.PARTIAL, f"{REASONS[rules[0]]}{entry}"


def outcomes_of_ways(ways: Sequence[ListReading], complete: Mapping[str, bool]) -> dict[str, tuple[LookOutcome, str]]:
    """Return the outcome and reason of a look at each of the pages without reports that lead to lists, by address.

    A page is ``ok`` if all that it leads to was complete, and it could show no reports by scripts. ``complete``:
    whether each list was. Pages may lead to each other, by a menu on each: they count as complete until a list is not.
    A circle of pages that leads to no complete list proves nothing.
    """
    reaching = {url for url, is_complete in complete.items() if is_complete}
    while more := {one.url for one in ways if one.url not in reaching and reaching.intersection(one.leads_to)}:
        reaching |= more
    complete = {**complete, **{one.url: one.url in reaching for one in ways}}
    while True:
        outcomes = {one.url: _outcome_of_way(one, complete) for one in ways}
        incomplete = [url for url, (outcome, _) in outcomes.items() if outcome is not LookOutcome.OK and complete[url]]
        if not incomplete:
            return outcomes
        complete.update(dict.fromkeys(incomplete, False))


def _outcome_of_way(read: ListReading, complete: Mapping[str, bool]) -> tuple[LookOutcome, str]:
    may_show = {one.rule for one in read.unmet} - {"shows_nothing", "empty_page"}
    unread = next((url for url in read.leads_to if not complete.get(url, False)), "")
    if may_show or unread:
        reason = f"list_is_divided:{unread}" if unread else "list_is_divided"
        return LookOutcome.PARTIAL, "says_it_is_empty" if read.says_empty else reason
    return LookOutcome.OK, ""


def failure(fetched: Fetched) -> tuple[LookOutcome, str]:
    """Return outcome and reason of a look that a failed fetch ended; ``other_host:`` if a redirect led to that host."""
    outcome, reason = fetched.verdict.outcome, fetched.verdict.reason
    if reason == "page_budget":
        return LookOutcome.PARTIAL, reason
    if outcome in _UNANSWERED:
        last = fetched.capture if fetched.not_now is not None else None
        is_elsewhere = last is not None and host_of(last.url) != host_of(fetched.url)
        return _UNANSWERED[outcome], f"other_host:{reason}" if is_elsewhere else reason
    return LookOutcome.CHANGED, f"{outcome}:{reason}" if reason else str(outcome)

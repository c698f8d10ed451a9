"""A look under way and its end: the row, the links it gave, and which of them are worth a visit.

``columns.py`` reads pages of links, ``addressed.py`` asks addresses of agency and year; both end here.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from archive.identity.classify import UNOFFICIAL
from archive.identity.unlinked import UNLINKED, is_unlinked
from crawler.discovery.labels import latest_year
from crawler.families.lists import key_of
from crawler.families.portal import EXTRACTOR
from crawler.session import UNSAID_ENDS, WITHOUT_REPORT, Fetched, Session
from crawler.sisters import ENDLESS
from storage.records import CaptureOutcome, Extraction, Lead, Link, Listing, Look, LookOutcome

_NO_DOCUMENT = frozenset({"folder", "column", UNOFFICIAL, UNLINKED})
_BY_SCRIPT = re.compile(  # what a list may end as that only scripts turn on
    r"pages_turned_by_script|other_(?:years|bodies)_by_script|choice_shows_|next_|end_of_scrolling_|more_pages_than_turned|rendered_"
)
BY_HAND = (
    "what only scripts bring, and no browser showed here, can be saved by hand and imported, or asked for at an address"
    " that answers with all of it (docs/add-a-county.md, 6)"
)
_OF_ONE_ADDRESS = frozenset({"http_500", "http_501", "http_505", "no_service", "http_401", "http_403", "login"})
NO_REPORT = "no_report_among_links"
_IN_A_ROW = 2  # addresses of one host answered so before it is left
_SURE = 0.65  # a link judged no report with less confidence is visited all the same


@dataclass(frozen=True, slots=True)
class Found:
    """A link worth a visit: a lead, or one whose title does not tell. ``via`` is the capture it stood on, ``year`` that
    of the report as far as the list tells, for the age of visits alone.
    """

    link: Link
    lead: Lead
    via: str
    year: int | None = None


@dataclass(slots=True)
class OpenLook:
    """A look while it is being made."""

    listing: Listing
    started: datetime
    links: dict[str, Link] = field(default_factory=dict)
    captures: list[str] = field(default_factory=list)
    skews: list[float] = field(default_factory=list)
    subcolumns: dict[str, Link] = field(default_factory=dict)
    total: int | None = None
    outcome: LookOutcome = LookOutcome.OK
    reason: str = ""
    control: str | None = None
    host_wide: bool = False  # whether what stopped it holds for the whole host

    @property
    def linked(self) -> int:
        """How many entries have a link: those that a printed total counts for certain."""
        return sum(not is_unlinked(link.url) for link in self.links.values())

    def took(self, fetched: Fetched) -> None:
        """Add the captures of a fetch and what they say of the server's clock."""
        for capture in fetched.captures:
            self.captures.append(capture.id)
            if capture.server_date is not None:
                self.skews.append(abs((capture.fetched_at - capture.server_date).total_seconds()))

    def ends(self, outcome: LookOutcome, reason: str) -> None:
        """Set how it ended."""
        self.outcome, self.reason = outcome, reason


def gather(found: dict[str, Link], links: Iterable[Link], capture: str) -> int:
    """Add the links of a page of a look, in order, each once; how many were new. ``found``: by ``key_of``.

    An entry that is printed without a link is known by its words: whichever page prints it, it is one.
    """
    before = len(found)
    printed = {link.text for link in found.values() if is_unlinked(link.url)}
    for link in links:
        key = key_of(link, found)
        if key not in found and not (is_unlinked(link.url) and link.text in printed):
            found[key] = replace(link, capture=capture, position=len(found))
    return len(found) - before


def failure(fetched: Fetched) -> tuple[LookOutcome, str]:
    """Return what a fetch that gave no page means for a look."""
    if fetched.not_now is not None:
        return fetched.not_now.outcome, fetched.not_now.reason
    if fetched.spent:
        return LookOutcome.PARTIAL, "page_budget"
    outcome, reason = fetched.verdict.outcome, fetched.verdict.reason
    if outcome is CaptureOutcome.BLOCKED:
        return LookOutcome.BLOCKED, reason
    if outcome in {CaptureOutcome.UNREACHABLE, CaptureOutcome.ERROR}:
        return LookOutcome.UNREACHABLE, reason
    return LookOutcome.CHANGED, f"{outcome}:{reason}" if reason else str(outcome)


def is_hindered(fetched: Fetched) -> bool:
    """Whether a fetch gave no page for now: it was refused, or not answered. Another time it may."""
    return failure(fetched)[0] in {LookOutcome.UNREACHABLE, LookOutcome.BLOCKED}


def is_host_wide(fetched: Fetched) -> bool:
    """Whether what stopped a fetch would stop the next one on the same host as well."""
    if fetched.not_now is not None:
        return fetched.not_now.host_wide
    return is_hindered(fetched)


class Refusals:
    """Which hosts are not asked again in this run. A host that is not there, is behind a gateway that cannot reach it,
    or shows a challenge is left at once; an answer that may be one address's alone (an error of its program, a folder
    that nobody may list) stops the host when the next address of it is answered so as well.
    """

    def __init__(self) -> None:
        self._in_a_row: Counter[str] = Counter()

    def stop(self, url: str, fetched: Fetched) -> bool:
        """Whether the host of ``url`` is to be left, after what was fetched there."""
        host = urlsplit(url).netloc
        if not is_host_wide(fetched):
            self._in_a_row.pop(host, None)
            return False
        if fetched.not_now is not None or fetched.verdict.reason not in _OF_ONE_ADDRESS:
            return True
        self._in_a_row[host] += 1
        return self._in_a_row[host] >= _IN_A_ROW


def store(session: Session, state: OpenLook) -> Look:
    """Store a look and its links; its captures are acknowledged first."""
    session.writer.flush()
    look = Look(
        id=uuid.uuid4().hex,
        run=session.run.id,
        portal=session.portal.name,
        listing=state.listing.id,
        started=state.started,
        finished=session.clock.now(),
        outcome=state.outcome,
        reason=state.reason,
        captures=tuple(state.captures),
        total=state.total,
        control=state.control,
        clock_skew=max(state.skews, default=None),
    )
    links = tuple(state.links.values())
    extraction = Extraction(
        look=look.id, extractor=f"{session.spider.family}/{EXTRACTOR}", made_at=look.finished, links=links
    )
    session.observations.add_look(look, extraction)
    if state.outcome is LookOutcome.CHANGED and state.reason == NO_REPORT and not _was_read(session, state.listing):
        session.counts[WITHOUT_REPORT] += 1  # found on the way, and no column of reports yet: nobody's alarm
        return look
    session.counts[f"look_{look.outcome}"] += 1
    if state.reason == ENDLESS and state.outcome is LookOutcome.PARTIAL and _was_endless(session, look):
        session.counts[UNSAID_ENDS] += 1  # told before, and nobody can mend it
        return look
    if look.outcome is not LookOutcome.OK and not state.host_wide:
        by_hand = f": {BY_HAND}" if _BY_SCRIPT.match(look.reason) else ""
        session.notes.append(f"{look.listing} {look.outcome} ({look.reason}){by_hand}")
    return look


def _was_endless(session: Session, look: Look) -> bool:
    """Whether the look at a listing before this one ended in the same way: nothing says where the list ends."""
    every = session.observations.looks(look.portal, look.listing)
    before = (one for one in every if one.id != look.id and one.started <= look.started)
    last = max(before, key=lambda one: one.started, default=None)
    return last is not None and (last.outcome, last.reason) == (LookOutcome.PARTIAL, ENDLESS)


def _was_read(session: Session, listing: Listing) -> bool:
    """Whether a listing is one that a portal's file declares, or that showed its reports in an earlier look."""
    if ":found-" not in listing.id:
        return True
    earlier = session.observations.looks(listing.portal, listing.id)
    return any(look.outcome is LookOutcome.OK for look in earlier)


def _year(lead: Lead, listing: Listing) -> int | None:
    """The year that a title says, or its column; else the one before it was listed, or that which stands over it or its
    folder: no report is on a later one.
    """
    listed = lead.listed.year - 1 if lead.listed else None
    folder = latest_year(lead.title) or latest_year(listing.column.rpartition(">")[2])
    return lead.year or listing.year or listed or folder


def worth_a_visit(session: Session, state: OpenLook) -> list[Found]:
    """Return the links of a look worth a visit: leads, and what cannot be told from the title alone."""
    found, elsewhere, unlinked = [], 0, 0
    for link in state.links.values():
        lead = session.lead_of(link, state.listing)
        elsewhere += lead.reason == UNOFFICIAL
        unlinked += lead.reason == UNLINKED
        if lead.is_report or (lead.confidence < _SURE and lead.reason not in _NO_DOCUMENT):
            found.append(Found(link, lead, link.capture, _year(lead, state.listing)))
    if elsewhere:
        session.notes.append(
            f"{state.listing.id}: {elsewhere} reports lead off the portal's hosts, where nobody is asked; whether they"
            " are published is unknown"
        )
    if unlinked:
        session.notes.append(
            f"{state.listing.id}: {unlinked} reports are printed without a link; whether they are published is unknown"
        )
    return found

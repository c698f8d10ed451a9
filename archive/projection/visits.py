"""Captures of reports, tied together: one visit is one answer to an address a link gave, with the parts it led to.

Redirects are captures of their own; the answer at their end belongs to the address first asked for. An attachment
belongs to the page it was reached from (``Capture.via``). On an addressed listing the address itself is the report, so
the answers of its looks are visits too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from archive.forms.labels import squeezed
from archive.identity.addresses import route_of, same_address
from archive.projection.truth import PortalTruth
from storage.records import Capture, CaptureOutcome, CaptureRole, ListingForm, Reading

_NO_ANSWERS = frozenset({CaptureRole.ROBOTS, CaptureRole.RESOURCE})
_CHAIN = 20
#: Kinds of what may stand in place of a page or a file; any other file speaks for itself.
IN_PLACE = frozenset({"html", "json", "text", "unknown"})
MIN_TITLE_CHARS = 8  # of a title that tells one page from another


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One answer (or failure) at an address that a link or an addressed listing gave.

    ``address``: ``same_address`` of what was asked for; ``moved``: that of where the answer came from (the same
    unless redirected). ``listing``: the addressed listing that this answer is, if it is one. ``parts``: captures of
    what this page links or embeds, in the order of fetching.
    """

    main: Capture
    address: str
    moved: str
    listing: str | None = None
    parts: tuple[Capture, ...] = ()

    @property
    def at(self) -> datetime:
        """When the answer was fetched."""
        return self.main.fetched_at


def moved_to(main: Capture) -> str:
    """Where an answer came from. That to a route is the shell of the whole site: the route tells whose page it is."""
    return same_address(main.requested if route_of(main.requested) else main.url)


def visits(truth: PortalTruth) -> tuple[Visit, ...]:
    """Give all visits of the portal, oldest first."""
    by_id = {capture.id: capture for capture in truth.captures}
    answers = [capture for capture in by_id.values() if _is_answer(capture)]
    listing_of = _addressed_answers(truth, answers)
    mains = {
        capture.id: capture for capture in answers if capture.role is CaptureRole.REPORT or capture.id in listing_of
    }
    parts: dict[str, list[Capture]] = {}
    for capture in answers:
        if capture.role is CaptureRole.ATTACHMENT:
            page = _page_of(capture, by_id, mains)
            if page is None:
                mains[capture.id] = capture
            else:
                parts.setdefault(page, []).append(capture)
    found = [
        Visit(
            main=main,
            address=same_address(main.requested),
            moved=moved_to(main),
            listing=listing_of.get(main.id),
            parts=tuple(sorted(parts.get(main.id, ()), key=_by_time)),
        )
        for main in mains.values()
    ]
    return tuple(sorted(found, key=lambda visit: _by_time(visit.main)))


def _by_time(capture: Capture) -> tuple[datetime, str, str]:
    return capture.fetched_at, capture.url, capture.id


def _is_answer(capture: Capture) -> bool:
    return capture.outcome is not CaptureOutcome.REDIRECT and capture.role not in _NO_ANSWERS


def _addressed_answers(truth: PortalTruth, answers: Iterable[Capture]) -> dict[str, str]:
    """Map captures that answer an addressed listing (and so are the report, or its absence) to the listing's id."""
    addressed = {listing.id: listing for listing in truth.listings if listing.form is ListingForm.ADDRESSED}
    urls = {same_address(listing.url): listing.id for listing in addressed.values()}
    looked = {
        capture: look.listing
        for look in truth.looks
        if look.listing in addressed
        for capture in look.captures
        if capture != look.control
    }
    found = {}
    for capture in answers:
        listing = urls.get(same_address(capture.requested)) or looked.get(capture.id)
        if listing is not None and capture.role is not CaptureRole.ATTACHMENT:
            found[capture.id] = listing
    return found


def _page_of(capture: Capture, by_id: Mapping[str, Capture], mains: Mapping[str, Capture]) -> str | None:
    """Follow ``via`` from an attachment up to the page it hangs on; None where the trail is broken."""
    step: Capture | None = capture
    for _ in range(_CHAIN):
        if step is None or step.via is None:
            return None
        if step.via in mains and mains[step.via].role is not CaptureRole.ATTACHMENT:
            return step.via
        step = by_id.get(step.via)
    return None


def stands_in(reading: Reading, titles: Iterable[str]) -> bool:
    """Whether a document that is no report is a page without any of the ``titles`` under which it was linked.

    A page that a link opens prints the link's title. What does not, and is no report, may be a challenge, a login, a
    notice of maintenance or any other page that a portal puts in place of all its pages: it says nothing of the report.
    """
    if reading.kind not in IN_PLACE:
        return False
    return not any(_bears(reading.title, reading.identity.titles, reading.text, title) for title in set(titles))


@lru_cache(maxsize=4096)
def _bears(title: str, titles: tuple[str, ...], text: str, wanted: str) -> bool:
    """Whether a page prints a title, or has one that is the better part of it; one that is cut off (…) as far as it
    goes.
    """
    wanted = squeezed(wanted).rstrip("….·")
    if len(wanted) < MIN_TITLE_CHARS:
        return False
    own = [one for one in (squeezed(each) for each in (title, *titles)) if len(one) >= MIN_TITLE_CHARS]
    return wanted in squeezed(text) or any(
        wanted in one or (one in wanted and 2 * len(one) > len(wanted)) for one in own
    )

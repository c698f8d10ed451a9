"""Captures of reports, tied together: one visit is one answer to an address a link gave, with the parts it led to.

Redirects are captures of their own; the answer at their end belongs to the address first asked for. An attachment
belongs to the page it was reached from (``Capture.via``). On an addressed listing the address itself is the report, so
the answers of its looks are visits too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from archive.forms.labels import squeezed
from archive.identity.addresses import route_of, same_address
from archive.projection.truth import PortalTruth
from storage.records import Capture, CaptureOutcome, CaptureRole, ListingForm, Reading

_NO_ANSWERS = frozenset({CaptureRole.ROBOTS, CaptureRole.RESOURCE})
_MAX_STEPS = 20  # from an attachment up to its page
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
    answers = [
        one for one in truth.captures if one.outcome is not CaptureOutcome.REDIRECT and one.role not in _NO_ANSWERS
    ]
    answers.sort(key=lambda one: (one.fetched_at, one.url, one.id))
    attached = [one for one in answers if one.role is CaptureRole.ATTACHMENT]
    pages = [one for one in answers if one.role is not CaptureRole.ATTACHMENT]
    # captures that answer an addressed listing (and so are the report, or its absence)
    addressed = {same_address(one.url): one.id for one in truth.listings if one.form is ListingForm.ADDRESSED}
    ids = set(addressed.values())
    of_look = {
        capture: look.listing
        for look in truth.looks
        if look.listing in ids
        for capture in look.captures
        if capture != look.control
    }
    listing_of = {one.id: addressed.get(same_address(one.requested)) or of_look.get(one.id) for one in pages}
    mains = {one.id: one for one in pages if one.role is CaptureRole.REPORT or listing_of[one.id] is not None}
    parts: dict[str, list[Capture]] = defaultdict(list)
    alone: list[Capture] = []
    for capture in attached:
        page = _page_of(capture, by_id, mains)
        (alone if page is None else parts[page]).append(capture)
    return tuple(
        Visit(
            main=main,
            address=same_address(main.requested),
            moved=moved_to(main),
            listing=listing_of.get(main.id),
            parts=tuple(parts.get(main.id, ())),
        )
        for main in sorted((*mains.values(), *alone), key=lambda one: (one.fetched_at, one.url, one.id))
    )


def _page_of(capture: Capture, by_id: Mapping[str, Capture], pages: Mapping[str, Capture]) -> str | None:
    """Follow ``via`` from an attachment up to the page it was reached from; None where the trail is broken."""
    step: Capture | None = capture
    for _ in range(_MAX_STEPS):
        if step is None or step.via is None:
            return None
        if step.via in pages:
            return step.via
        step = by_id.get(step.via)
    return None


def lacks_titles(reading: Reading, titles: Iterable[str]) -> bool:
    """Whether a document that is no report is a page without any of the ``titles`` under which it was linked.

    A page that a link opens prints the link's title. What does not, and is no report, may be a challenge, a login, a
    notice of maintenance or any other page that a portal puts in place of all its pages: it says nothing of the report.
    """
    if reading.kind not in IN_PLACE:
        return False
    return not any(_has_title(reading.title, reading.identity.titles, reading.text, title) for title in set(titles))


@lru_cache(maxsize=4096)
def _has_title(title: str, titles: tuple[str, ...], text: str, link_title: str) -> bool:
    """Whether a page prints a title, or has one that is the better part of it; one that is cut off (…) as far as it
    goes.
    """
    link_title = squeezed(link_title).rstrip("….·")
    if len(link_title) < MIN_TITLE_CHARS:
        return False
    own = [one for one in (squeezed(each) for each in (title, *titles)) if len(one) >= MIN_TITLE_CHARS]
    return link_title in squeezed(text) or any(
        link_title in one or (one in link_title and 2 * len(one) > len(link_title)) for one in own
    )

"""Group the captures of reports into visits: one answer at the address of a link, with the parts reached from it.

Redirects are captures of their own; the final answer belongs to the address that was requested first. An attachment
belongs to the page from which it was reached (``Capture.via``). On an addressed listing the address itself is the
report, so the answers of its looks are visits, too.
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
#: Kinds of documents that a server may send instead of the requested one, such as an error page.
IN_PLACE = frozenset({"html", "json", "text", "unknown"})
MIN_TITLE_CHARS = 8  # shorter titles do not distinguish pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One answer, or failure, at an address from a link or an addressed listing.

    ``address``: ``same_address`` of the requested one; ``moved``: that of the final one after redirects. ``listing``:
    the addressed listing whose answer this is, if any. ``parts``: captures of what the page links or embeds, in the
    order of fetching.
    """

    main: Capture
    address: str
    moved: str
    listing: str | None = None
    parts: tuple[Capture, ...] = ()

    @property
    def at(self) -> datetime:
        """Return when the answer was fetched."""
        return self.main.fetched_at

    @property
    def is_copy(self) -> bool:
        """True if another archive fetched it: it proves that the report was seen, and never an absence."""
        return bool(self.main.source)


def moved_to(main: Capture) -> str:
    """Return the address from which an answer came; for a route (``#/…``) the requested one, as all share one page."""
    return same_address(main.requested if route_of(main.requested) else main.url)


def collect_visits(truth: PortalTruth) -> tuple[Visit, ...]:
    """Return all visits of the portal, oldest first."""
    by_id = {capture.id: capture for capture in truth.captures}
    answers = [
        one for one in truth.captures if one.outcome is not CaptureOutcome.REDIRECT and one.role not in _NO_ANSWERS
    ]
    answers.sort(key=lambda one: (one.fetched_at, one.url, one.id))
    attached = [one for one in answers if one.role is CaptureRole.ATTACHMENT]
    pages = [one for one in answers if one.role is not CaptureRole.ATTACHMENT]
    # captures that answer an addressed listing, and so are the report or show its absence
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
    without_page: list[Capture] = []
    for capture in attached:
        page = _page_of(capture, by_id, mains)
        (without_page if page is None else parts[page]).append(capture)
    return tuple(
        Visit(
            main=main,
            address=same_address(main.requested),
            moved=moved_to(main),
            listing=listing_of.get(main.id),
            parts=tuple(parts.get(main.id, ())),
        )
        for main in sorted((*mains.values(), *without_page), key=lambda one: (one.fetched_at, one.url, one.id))
    )


def _page_of(capture: Capture, by_id: Mapping[str, Capture], pages: Mapping[str, Capture]) -> str | None:
    """Return the page from which an attachment was reached, following ``via``; None if a capture on the way lacks."""
    step: Capture | None = capture
    for _ in range(_MAX_STEPS):
        if step is None or step.via is None:
            return None
        if step.via in pages:
            return step.via
        step = by_id.get(step.via)
    return None


def lacks_titles(reading: Reading, titles: Iterable[str]) -> bool:
    """True if a document may be a placeholder: a page that has none of the ``titles`` under which it was linked.

    A page normally prints the title of its link. One that does not, and is no report, may be a challenge, a login, a
    notice of maintenance or another page that the portal sends instead of any page; it proves nothing about the report.
    """
    if reading.kind not in IN_PLACE:
        return False
    return not any(_has_title(reading.title, reading.identity.titles, reading.text, title) for title in set(titles))


@lru_cache(maxsize=4096)
def _has_title(title: str, titles: tuple[str, ...], text: str, link_title: str) -> bool:
    """True if a page prints the title of its link (without a final …), or has a title that is over half of it."""
    link_title = squeezed(link_title).rstrip("….·")
    if len(link_title) < MIN_TITLE_CHARS:
        return False
    own_titles = [one for one in map(squeezed, (title, *titles)) if len(one) >= MIN_TITLE_CHARS]
    return link_title in squeezed(text) or any(
        link_title in own or (own in link_title and 2 * len(own) > len(link_title)) for own in own_titles
    )

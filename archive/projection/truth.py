"""Load everything that was observed or ruled about one portal: the input from which its projections are made.

Captures of reports are grouped into visits: one answer at the address of a link, with the parts reached from it.
Redirects are captures of their own; the final answer belongs to the address that was requested first. An attachment
belongs to the page from which it was reached (``Capture.via``). On an addressed listing the address itself is the
report, so the answers of its looks are visits, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from archive.identity.addresses import route_of, same_address
from archive.projection.linked_folders import LinkedFolder, linked_folders
from storage.captures import CaptureStore
from storage.home import Home
from storage.observations import Observations
from storage.records import (
    Agency,
    Capture,
    CaptureOutcome,
    CaptureRole,
    Extraction,
    Listing,
    ListingForm,
    Look,
    Portal,
    Ruling,
    Run,
)
from storage.registry import Registry

_IMPORT = "import"  # the purpose of runs that bring in what people saved by hand
_WAYBACK = "wayback"  # the purpose of runs that bring in captures that other archives made
_NO_ANSWERS = frozenset({CaptureRole.ROBOTS, CaptureRole.RESOURCE})
_MAX_STEPS = 20  # from an attachment up to its page


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One answer, or failure, at an address from a link or an addressed listing. ``address``: ``same_address`` of the
    requested one; ``moved``: that of the final one after redirects. ``listing``: the addressed listing whose answer
    this is, if any. ``parts``: captures of what the page links or embeds, in the order of fetching.
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


@dataclass(frozen=True, kw_only=True)
class PortalTruth:
    """One portal's truth, in an order that does not depend on the order of storing.
    ``agencies`` and ``listings`` are the current rows, by id; the histories have every row of each, oldest first.
    ``extractions``: the newest of each look. ``captures``: of all roles, by time. ``rulings``: of all portals, oldest
    first (a later one on the same kind and subject replaces an earlier one). ``linked_folders``: by listing id.
    """

    portal: Portal
    agencies: tuple[Agency, ...]
    listings: tuple[Listing, ...]
    looks: tuple[Look, ...] = ()
    extractions: Mapping[str, Extraction] = field(default_factory=dict)
    captures: tuple[Capture, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    runs: tuple[Run, ...] = ()
    agency_history: Mapping[str, tuple[Agency, ...]] = field(default_factory=dict)
    listing_history: Mapping[str, tuple[Listing, ...]] = field(default_factory=dict)
    linked_folders: Mapping[str, LinkedFolder] = field(default_factory=dict)

    @cached_property
    def listing_by_id(self) -> Mapping[str, Listing]:
        """Return the current rows of listings by id."""
        return {listing.id: listing for listing in self.listings}

    @cached_property
    def imports(self) -> frozenset[str]:
        """Return the runs that imported files saved by hand; these prove that a report existed, but not when."""
        return frozenset(run.id for run in self.runs if run.purpose == _IMPORT)

    @cached_property
    def copied_at(self) -> Mapping[str, datetime]:
        """Return run → when it brought in captures of other archives; before that nothing of them was known."""
        return {run.id: run.started for run in self.runs if run.purpose == _WAYBACK}

    @cached_property
    def chains(self) -> Mapping[str, str]:
        """Return capture → SHA-256 of the broken certificate chain over which it came."""
        return {one.id: one.tls.rpartition(":")[2] for one in self.captures if one.tls is not None}

    @cached_property
    def visits(self) -> tuple[Visit, ...]:
        """Return all visits of the portal, oldest first."""
        return _collect_visits(self)


def load_truth(home: Home, portal: Portal) -> PortalTruth:
    """Load all that was recorded of ``portal``, from which it is judged; rows oldest first, rulings of all portals."""
    observed, store, registry = Observations(home), CaptureStore(home), Registry(home)
    agencies, listings = registry.agency_histories(portal.name), registry.listing_histories(portal.name)
    looks = tuple(sorted(observed.looks(portal.name), key=lambda look: (look.started, look.finished, look.id)))
    captures = tuple(store.for_portal(portal.name))
    return PortalTruth(
        portal=portal,
        agencies=tuple(history[-1] for history in agencies.values()),
        listings=tuple(history[-1] for history in listings.values()),
        looks=looks,
        extractions=observed.latest_extractions(portal.name),
        captures=captures,
        rulings=tuple(sorted(observed.rulings(), key=lambda ruling: (ruling.made_at, ruling.id))),
        runs=observed.runs(portal.name),
        agency_history=agencies,
        listing_history=listings,
        linked_folders=linked_folders(listings, looks, captures, store.body),
    )


def _collect_visits(truth: PortalTruth) -> tuple[Visit, ...]:
    """Return the visits of a portal, oldest first: pages of reports and answers of addressed listings (the report, or
    its absence), each with its attachments; and attachments of which no such page is stored. List pages are none. A
    look's ``control`` is not its answer: it is another address, fetched to show that the site answers with reports.
    """
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
    """Return the page from which an attachment was reached, following ``via``; None if a capture between is missing."""
    step: Capture | None = capture
    for _ in range(_MAX_STEPS):
        if step is None or step.via is None:
            return None
        if step.via in pages:
            return step.via
        step = by_id.get(step.via)
    return None
